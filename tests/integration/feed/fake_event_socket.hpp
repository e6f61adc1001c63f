// An event socket with mod_callcenter that does what a test tells it: logs in, lists, and misbehaves (scripted_peer.hpp).
#pragma once

#include "scripted_peer.hpp"
#include "unit/feed/callcenter_kit.hpp"

namespace surged::test {

class FakeEventSocket {
public:
    struct Way {
        std::string secret = "ClueCon";
        std::string core = "core-1";
        bool greets = true;
        bool answers = true;  ///< questions, once logged in
        bool module = true;   ///< mod_callcenter is loaded
    };
    FakeEventSocket();

    const std::string& port() const { return peer_.port(); }
    /// From the next command on.
    void change(const Way& way);
    /// What the module answers from now on.
    void list(const FsLists& lists);
    /// Bytes to whoever is connected. False: nobody is, or the connection broke.
    bool send(const std::string& bytes) { return peer_.send(bytes); }
    /// An event of the module, made now.
    bool event(const std::string& action, FsPairs pairs);
    /// Ends the connection.
    void drop() { peer_.drop(); }
    int connections() const { return peer_.connections(); }
    int logins() const { return logins_; }
    /// Lists of queues that were asked for.
    int lists() const { return asked_; }

private:
    void answer(const std::string& command);
    Way way() const;
    std::int64_t now_ms() const;

    mutable std::mutex mutex_;
    Way way_;
    FsLists lists_;
    std::atomic<int> logins_{0};
    std::atomic<int> asked_{0};
    std::int64_t began_ms_ = 0;
    ScriptedPeer peer_;  // last: its thread uses the others
};

}  // namespace surged::test
