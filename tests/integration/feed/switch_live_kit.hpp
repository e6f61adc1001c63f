// A live feeder of a switch, a daemon's PULL end that hears it, and what tests of both kinds ask of them.
#pragma once

#include <algorithm>
#include <string>

#include "feed_live_kit.hpp"
#include "feed/switch_run.hpp"

namespace surged::test {

template <typename Options>
struct SwitchWorld {
    using Run = int (*)(const Options&, std::ostream&, std::ostream&, const std::atomic<bool>&);
    TempFolder folder;
    Receiver daemon;
    Options options;

    SwitchWorld(Run run, const std::string& port, const std::string& secret, const std::string& source) : run_(run) {
        append(folder.file("secret"), secret + "\n");
        options.peer.host = "127.0.0.1";
        options.peer.port = port;
        options.secret_file = folder.file("secret");
        options.waits = {Span{20}, Span{60}};
        options.every = Span{100};
        options.live.to = {daemon.endpoint()};
        options.live.source = source;
        options.feed.centre = "north";
    }
    Background start() {
        return Background([run = run_, with = options](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
            return run(with, out, err, stop);
        });
    }
    /// The daemon has heard, or hears within ten seconds, that the metric of queue q has this value.
    bool sees(const std::string& metric, double value) {
        return daemon.until([&](const auto& got) {
            return std::any_of(got.rbegin(), got.rend(),
                               [&](const auto& g) { return g.queue == "q" && g.m.count(metric) && g.m.at(metric) == value; });
        });
    }
    /// What the daemon heard of queue q last.
    const Receiver::Got& last() {
        const auto at = std::find_if(daemon.got.rbegin(), daemon.got.rend(), [](const auto& g) { return g.queue == "q"; });
        REQUIRE(at != daemon.got.rend());
        return *at;
    }
    /// The same under another epoch.
    const Receiver::Got& last_of(std::uint64_t epoch) {
        const auto at = std::find_if(daemon.got.rbegin(), daemon.got.rend(), [&](const auto& g) { return g.epoch == epoch; });
        REQUIRE(at != daemon.got.rend());
        return *at;
    }

private:
    Run run_;
};

/// How often `with` stands in the text.
inline int lines(const std::string& text, const std::string& with) {
    int n = 0;
    for (auto at = text.find(with); at != std::string::npos; at = text.find(with, at + 1)) {
        ++n;
    }
    return n;
}

}  // namespace surged::test
