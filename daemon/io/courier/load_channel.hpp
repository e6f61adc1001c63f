// A channel made ready: its type found, its secrets read from their files, and everything listed that must not be shown. Private
// to this room.
#pragma once

#include <string>
#include <vector>

#include "channels/channel_type.hpp"

namespace surged {

/// A channel ready for use, or the reason why it is not.
struct LoadedChannel : ChannelSetup {
    const ChannelType* type = nullptr;  ///< null with a problem only
    std::vector<Secret> hidden;         ///< everything that must not appear in a detail, the longest first
    std::string problem;                ///< set: every order is config_error
    std::string notice;                 ///< worth telling; orders are tried all the same

    std::string scrub(std::string text) const;
};

/// Where settings are resolved from.
struct LoadContext {
    std::string base_dir;
    std::string credentials_dir;
    std::string installation;  ///< of the store (RecordLog::installation); "" = none
};

/// Never fails: a channel that cannot be loaded carries its problem.
LoadedChannel load_channel(const ChannelSpec& spec, const LoadContext& context);

}  // namespace surged
