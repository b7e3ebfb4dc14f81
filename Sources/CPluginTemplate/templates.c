/* Every file of plugin-template/ must stand here twice: its bytes, and its row in the table. A test compares. */
#include "berth_templates.h"

/* #embed is C23; this compiler has it for every C. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char header[] = {
#embed "../CBerthPlugin/include/berth_plugin.h"
};
static const unsigned char c_gitignore[] = {
#embed "../../plugin-template/c/.gitignore"
};
static const unsigned char c_makefile[] = {
#embed "../../plugin-template/c/Makefile"
};
static const unsigned char c_readme_md[] = {
#embed "../../plugin-template/c/README.md"
};
static const unsigned char c_exports_map[] = {
#embed "../../plugin-template/c/exports.map"
};
static const unsigned char c_failure_h[] = {
#embed "../../plugin-template/c/failure.h"
};
static const unsigned char c_fake_host_h[] = {
#embed "../../plugin-template/c/fake_host.h"
};
static const unsigned char c_json_c[] = {
#embed "../../plugin-template/c/json.c"
};
static const unsigned char c_json_h[] = {
#embed "../../plugin-template/c/json.h"
};
static const unsigned char c_plugin_c[] = {
#embed "../../plugin-template/c/plugin.c"
};
static const unsigned char c_test_c[] = {
#embed "../../plugin-template/c/test.c"
};
static const unsigned char swift_gitignore[] = {
#embed "../../plugin-template/swift/.gitignore"
};
static const unsigned char swift_makefile[] = {
#embed "../../plugin-template/swift/Makefile"
};
static const unsigned char swift_package_swift[] = {
#embed "../../plugin-template/swift/Package.swift"
};
static const unsigned char swift_readme_md[] = {
#embed "../../plugin-template/swift/README.md"
};
static const unsigned char swift_exports_map[] = {
#embed "../../plugin-template/swift/exports.map"
};
static const unsigned char swift_component_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Component.swift"
};
static const unsigned char swift_context_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Context.swift"
};
static const unsigned char swift_json_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/JSON.swift"
};
static const unsigned char swift_jsonreader_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/JSONReader.swift"
};
static const unsigned char swift_kinds_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Kinds.swift"
};
static const unsigned char swift_params_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Params.swift"
};
static const unsigned char swift_plugin_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Plugin.swift"
};
static const unsigned char swift_pluginfailure_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/PluginFailure.swift"
};
static const unsigned char swift_slots_swift[] = {
#embed "../../plugin-template/swift/Sources/BerthPlugin/Slots.swift"
};
static const unsigned char swift_pluginname_swift[] = {
#embed "../../plugin-template/swift/Sources/PluginName/PluginName.swift"
};
static const unsigned char swift_fakehost_swift[] = {
#embed "../../plugin-template/swift/Tests/PluginNameTests/FakeHost.swift"
};
static const unsigned char swift_pluginnametests_swift[] = {
#embed "../../plugin-template/swift/Tests/PluginNameTests/PluginNameTests.swift"
};

#define FILE_OF(language, path, bytes) {language, path, bytes, sizeof bytes, 0}

static const berth_template_file files[] = {
    FILE_OF("", "berth_plugin.h", header),
    FILE_OF("c", ".gitignore", c_gitignore),
    FILE_OF("c", "Makefile", c_makefile),
    FILE_OF("c", "README.md", c_readme_md),
    FILE_OF("c", "berth_plugin.h", header),
    FILE_OF("c", "exports.map", c_exports_map),
    FILE_OF("c", "failure.h", c_failure_h),
    FILE_OF("c", "fake_host.h", c_fake_host_h),
    FILE_OF("c", "json.c", c_json_c),
    FILE_OF("c", "json.h", c_json_h),
    FILE_OF("c", "plugin.c", c_plugin_c),
    FILE_OF("c", "test.c", c_test_c),
    FILE_OF("swift", ".gitignore", swift_gitignore),
    FILE_OF("swift", "Makefile", swift_makefile),
    FILE_OF("swift", "Package.swift", swift_package_swift),
    FILE_OF("swift", "README.md", swift_readme_md),
    FILE_OF("swift", "exports.map", swift_exports_map),
    FILE_OF("swift", "Sources/BerthPlugin/Component.swift", swift_component_swift),
    FILE_OF("swift", "Sources/BerthPlugin/Context.swift", swift_context_swift),
    FILE_OF("swift", "Sources/BerthPlugin/JSON.swift", swift_json_swift),
    FILE_OF("swift", "Sources/BerthPlugin/JSONReader.swift", swift_jsonreader_swift),
    FILE_OF("swift", "Sources/BerthPlugin/Kinds.swift", swift_kinds_swift),
    FILE_OF("swift", "Sources/BerthPlugin/Params.swift", swift_params_swift),
    FILE_OF("swift", "Sources/BerthPlugin/Plugin.swift", swift_plugin_swift),
    FILE_OF("swift", "Sources/BerthPlugin/PluginFailure.swift", swift_pluginfailure_swift),
    FILE_OF("swift", "Sources/BerthPlugin/Slots.swift", swift_slots_swift),
    FILE_OF("swift", "Sources/CBerthPlugin/include/berth_plugin.h", header),
    FILE_OF("swift", "Sources/PluginName/PluginName.swift", swift_pluginname_swift),
    FILE_OF("swift", "Tests/PluginNameTests/FakeHost.swift", swift_fakehost_swift),
    FILE_OF("swift", "Tests/PluginNameTests/PluginNameTests.swift", swift_pluginnametests_swift),
};

const berth_template_file *berth_templates(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
