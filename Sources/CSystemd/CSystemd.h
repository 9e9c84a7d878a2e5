// The service manager's side of a daemon, for the module Systemd: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3).
#pragma once
#include <systemd/sd-daemon.h>

static const int csd_first_descriptor = SD_LISTEN_FDS_START;
