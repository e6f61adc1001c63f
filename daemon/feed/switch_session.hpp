// Why a conversation with a switch has failed.
#pragma once

#include <string>

namespace surged {

struct SwitchFailure {
    std::string event;     ///< the trouble's word: "ami_login_refused", "freeswitch_silent" ...
    std::string details;   ///< key=value, for the log
    bool refused = false;  ///< trying again soon would not help: wait the longest
};

}  // namespace surged
