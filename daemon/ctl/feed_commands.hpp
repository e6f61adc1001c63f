// Feeders that have a file of their own here; `surgectl feed` (cmd_feed.cpp) names each.
#pragma once

#include "ctl/command_line.hpp"

namespace surged {

struct Context;

void add_feed_queue_log(CliCommand feed, Context& context);
void add_feed_freeswitch(CliCommand feed, Context& context);
void add_feed_poll(CliCommand feed, Context& context);
void add_feed_csv(CliCommand feed, Context& context);
void add_feed_check(CliCommand feed, Context& context);
void add_feed_watch(CliCommand feed, Context& context);

}  // namespace surged
