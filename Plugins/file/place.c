#include "place.h"
#include "beneath.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Parts the path at its last slash; slashes at the end do not count. */
static berth_status part(struct work *work, const char *path, char *folder, char *name) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    const char *slash = memrchr(path, '/', length);
    if (path[0] != '/') return work_fail(work, BERTH_FAIL_PARAMS, "%.500s must be an absolute path", path);
    size_t last = (size_t)(path + length - slash) - 1, first = slash == path ? 1 : (size_t)(slash - path);
    if (last == 0 || last > NAME_MAX || first >= PATH_MAX) return work_fail(work, BERTH_FAIL_PARAMS, "%.500s names no file", path);
    memcpy(name, slash + 1, last);
    name[last] = 0;
    memcpy(folder, path, first);
    folder[first] = 0;
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) return BERTH_OK;
    return work_fail(work, BERTH_FAIL_PARAMS, "%.500s must end with the name of a file or folder", path);
}

/* A root itself has its folder outside of all roots: it is opened by its own name. */
static int open_folder(const char *path, const char *folder, char *refusal) {
    for (char **root = settings.roots; *root; root++) {
        size_t length = strlen(*root);
        while (length > 1 && (*root)[length - 1] == '/') length--;
        if (strncmp(path, *root, length) == 0 && strspn(path + length, "/") == strlen(path + length))
            return open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (!beneath_lists(settings.roots, path, refusal)) return -1; /* names what was asked, not its folder */
    return beneath_open(settings.roots, folder, O_PATH | O_DIRECTORY, 0, refusal);
}

berth_status place_open(struct work *work, const char *path, struct place *place) {
    char folder[PATH_MAX], refusal[BENEATH_REFUSAL_BYTES] = "";
    berth_status status = part(work, path, folder, place->name);
    if (status != BERTH_OK) return status;
    place->folder = open_folder(path, folder, refusal);
    if (place->folder < 0 && *refusal && errno == EPERM)
        return work_fail(work, BERTH_FAIL_PARAMS, "%s; plugins: {file: {config: {roots: […]}}} in berth.yaml says which are",
                         refusal);
    if (place->folder < 0) return *refusal ? work_fail(work, BERTH_FAIL, "%s", refusal) : work_failed_at(work, "open", folder);
    if (!beneath_where(place->folder, folder, sizeof folder - NAME_MAX - 2)) {
        status = work_failed_at(work, "find", folder);
        place_close(place);
        return status;
    }
    int length = snprintf(place->where, sizeof place->where, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, place->name);
    if (length >= (int)sizeof place->where) return place_close(place), work_fail(work, BERTH_FAIL_PARAMS, "the path is too long");
    if (!settings_is_system(place->where)) return BERTH_OK;
    place_close(place);
    return work_fail(work, BERTH_FAIL_PARAMS, "%.500s is %.500s, which is the system's own and never touched", path, place->where);
}

int place_holds(const struct place *folder, const struct place *inner) {
    size_t length = strlen(folder->where);
    return strncmp(inner->where, folder->where, length) == 0 && inner->where[length] == '/';
}

void place_close(struct place *place) { close(place->folder); }

berth_status place_stat(struct work *work, const struct place *place, struct stat *status) {
    if (fstatat(place->folder, place->name, status, AT_SYMLINK_NOFOLLOW) != 0)
        return work_failed_at(work, "find", place->where);
    if (!S_ISLNK(status->st_mode)) return BERTH_OK;
    return work_fail(work, BERTH_FAIL_PARAMS, "%s is a link; name what it stands for", place->where);
}
