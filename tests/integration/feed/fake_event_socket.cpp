#include "fake_event_socket.hpp"

#include "feed/sink.hpp"

namespace surged::test {

FakeEventSocket::FakeEventSocket()
    : began_ms_(steady_now_ms()),
      peer_({"\n\n", [this] { return way().greets ? std::string("Content-Type: auth/request\n\n") : std::string(); },
             [this](const std::string& command) { answer(command); }}) {}

std::int64_t FakeEventSocket::now_ms() const {
    return steady_now_ms() - began_ms_;
}

FakeEventSocket::Way FakeEventSocket::way() const {
    const std::lock_guard lock(mutex_);
    return way_;
}

void FakeEventSocket::change(const Way& way) {
    const std::lock_guard lock(mutex_);
    way_ = way;
}

void FakeEventSocket::list(const FsLists& lists) {
    const std::lock_guard lock(mutex_);
    lists_ = lists;
}

bool FakeEventSocket::event(const std::string& action, FsPairs pairs) {
    pairs.emplace_back("CC-Action", action);
    return send(fs_frame("text/event-plain", fs_event_body(now_ms(), pairs, way().core)));
}

void FakeEventSocket::answer(const std::string& command) {
    const auto how = way();
    const auto reply = [&](const std::string& text) { send("Content-Type: command/reply\nReply-Text: " + text + "\n\n"); };
    if (command.starts_with("auth ")) {
        if (command != "auth " + how.secret) {
            reply("-ERR invalid");
            send(fs_frame("text/disconnect-notice", "Disconnected, goodbye.\n"));
            return;
        }
        ++logins_;
        reply("+OK accepted");
    } else if (command == "event plain CUSTOM callcenter::info") {
        reply("+OK event listener enabled plain");
    } else if (!command.starts_with("api ") || !how.answers) {
        return;
    } else if (command == "api global_getvar core_uuid") {
        send(fs_frame("api/response", how.core));
    } else {
        asked_ += command == "api callcenter_config queue list" ? 1 : 0;
        std::string text;
        {
            const std::lock_guard lock(mutex_);
            text = lists_.answer(command.substr(4), now_ms());
        }
        const bool refused = !how.module && command.starts_with("api callcenter_config");
        send(fs_frame("api/response", refused ? "-ERR callcenter_config Command not found!\n" : text));
    }
}

}  // namespace surged::test
