/* ${NAME} in a text stands for a variable. */
#ifndef VARIABLES_H
#define VARIABLES_H

/* The text with the values of variables in it; those that there are not stay as they are written. Takes `text`, which may
 * be null, and gives one that the caller frees; null when memory is short. */
char *variables_filled(char *text, char **environment);

#endif
