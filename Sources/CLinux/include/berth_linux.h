#ifndef BERTH_LINUX_H
#define BERTH_LINUX_H
#endif
