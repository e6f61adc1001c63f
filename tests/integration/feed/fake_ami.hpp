// A manager interface that does what a test tells it: logs in, lists, pings, and misbehaves. One connection at a time, plain or TLS, on
// 127.0.0.1 at a port of the system's choice. It checks the answer to its challenge, as Asterisk does.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "os/file.hpp"

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
    ~FakeAmi();
    FakeAmi(const FakeAmi&) = delete;
    FakeAmi& operator=(const FakeAmi&) = delete;

    const std::string& port() const { return port_; }
    /// From the next connection on.
    void change(const Way& way);
    /// What QueueStatus is answered with, `%` = its ActionID; the end is added.
    void list(const std::string& items);
    /// Bytes to whoever is connected. False: nobody is, or the connection broke.
    bool send(const std::string& bytes);
    bool event(const std::string& name, const std::vector<std::string>& fields);
    /// Ends the connection.
    void drop();
    int connections() const { return connections_; }
    int logins() const { return logins_; }
    int lists() const { return lists_; }
    /// Everything that was received.
    std::string received() const;

private:
    struct Peer;
    void run();
    void serve(Peer& peer);
    void answer(Peer& peer, const std::string& action);
    Way way() const;

    mutable std::mutex mutex_;
    Way way_;
    std::string items_;
    std::string received_;
    std::shared_ptr<Peer> peer_;
    Fd listener_;
    std::string port_;
    std::atomic<bool> stop_{false};
    std::atomic<int> connections_{0};
    std::atomic<int> logins_{0};
    std::atomic<int> lists_{0};
    std::thread thread_;
};

}  // namespace surged::test
