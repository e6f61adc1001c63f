// Options that several feeders have: durations, where a live feeder's messages and its own health go, the switch it reads from.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "ctl/command_line.hpp"
#include "feed/live_sink.hpp"
#include "io/stream/client_stream.hpp"

namespace surged {

/// Options of duration type take texts with a unit, as the configuration does.
void add_span(CliCommand command, const std::string& name, Span& out, const std::string& help);

/// --to (several), --msgpack, --curve-*, --source, --metrics. `source_help`: what the source is called without the option.
void add_live_output(CliCommand command, LiveOptions& options, const std::string& source_help);

/// "pbx1", "pbx1:5039", "[2001:db8::7]:5038" as host and port (empty: none was given). False: no such form.
bool read_server(const std::string& text, StreamPeer& peer);

}  // namespace surged
