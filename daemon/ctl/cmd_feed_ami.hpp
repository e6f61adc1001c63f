// surgectl feed ami: the live feeder of Asterisk's manager interface.
#pragma once

namespace surged {

class CliCommand;
struct Context;

void add_feed_ami(CliCommand feed, Context& context);

}  // namespace surged
