// A manager interface that does what a test tells it: logs in, lists, pings, and misbehaves (scripted_peer.hpp). It checks the answer to its
// challenge, as Asterisk does.
#pragma once

#include <vector>

#include "scripted_peer.hpp"

namespace surged::test {

class FakeAmi {
public:
    struct Way {
        std::string secret = "s3cret!";
        std::string certificate{};  ///< files; empty = plain
        std::string key{};
        int uptime = 1000;
        bool answers_pings = true;
        bool greets = true;
        bool boots = true;
    };
    FakeAmi() : FakeAmi(Way{}) {}
    explicit FakeAmi(Way way);

    const std::string& port() const { return peer_.port(); }
    /// From the next connection on.
    void change(const Way& way);
    /// What QueueStatus is answered with, `%` = its ActionID; the end is added.
    void list(const std::string& items);
    /// Bytes to whoever is connected. False: nobody is, or the connection broke.
    bool send(const std::string& bytes) { return peer_.send(bytes); }
    bool event(const std::string& name, const std::vector<std::string>& fields);
    /// Ends the connection.
    void drop() { peer_.drop(); }
    int connections() const { return peer_.connections(); }
    int logins() const { return logins_; }
    int lists() const { return lists_; }
    /// Everything that was received.
    std::string received() const;

private:
    void answer(const std::string& action);
    void answer_login(const std::string& action, const std::string& id);
    Way way() const;

    mutable std::mutex mutex_;
    Way way_;
    std::string items_ = "Event: QueueParams\r\nQueue: q\r\nCalls: 0\r\nCompleted: 0\r\nAbandoned: 0\r\nActionID: %\r\n\r\n";
    std::string received_;
    std::atomic<int> logins_{0};
    std::atomic<int> lists_{0};
    ScriptedPeer peer_;  // last: its thread uses the others
};

}  // namespace surged::test
