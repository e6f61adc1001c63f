// What ./daemon/quickstart shows: the daemon with the quickstart's configuration on free ports, its simulated centre and its people.
#pragma once

#include <memory>

#include "support/daemon_kit.hpp"

namespace surged::test {

class QuickstartWorld {
public:
    /// The surge begins a quarter of a minute later.
    QuickstartWorld();

    /// Waits until the API's list of incidents holds this text, for at most two minutes.
    bool incidents_say(const std::string& text);
    std::string api() const;

    DaemonKit kit;

private:
    std::unique_ptr<Process> people_;
    std::unique_ptr<Process> centre_;
};

}  // namespace surged::test
