/* What the parts of this plugin share. */
#ifndef TEXT_H
#define TEXT_H

#include "berth_plugin.h"

extern const berth_host *host;

extern const berth_handler wordcount_handler;
extern const berth_processor grep_processor;
extern const berth_processor count_processor;

#endif
