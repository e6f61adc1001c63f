// What sinks that mirror an incident share (PagerDuty, Alertmanager, GoAlert). They do not own it: each knows it by a key made of
// our incident id, the same for every page and every attempt, so that repeats fall together and the closing message ends it.
#pragma once

#include <string>

#include "channels/channel_type.hpp"

namespace surged {

/// The same for all pages of one incident; a page without an incident (a test) stands for itself. At most 255 bytes.
std::string incident_key(const PageInput& in);
/// True for the page that ends the incident at the sink.
bool ends_incident(const SendOrder& order);
/// The text in one line of at most 1024 bytes.
std::string summary_of(const SendOrder& order);

}  // namespace surged
