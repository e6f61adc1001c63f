// An event socket with mod_callcenter that does what a test tells it: logs in, lists, and misbehaves. One connection at a time, on 127.0.0.1
// at a port of the system's choice.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "os/file.hpp"
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
    ~FakeEventSocket();
    FakeEventSocket(const FakeEventSocket&) = delete;
    FakeEventSocket& operator=(const FakeEventSocket&) = delete;

    const std::string& port() const { return port_; }
    /// From the next command on.
    void change(const Way& way);
    /// What the module answers from now on.
    void list(const FsLists& lists);
    /// Bytes to whoever is connected. False: nobody is, or the connection broke.
    bool send(const std::string& bytes);
    /// An event of the module, made now.
    bool event(const std::string& action, FsPairs pairs);
    /// Ends the connection.
    void drop();
    int connections() const { return connections_; }
    int logins() const { return logins_; }
    /// Lists of queues that were asked for.
    int lists() const { return asked_; }

private:
    struct Peer;
    void run();
    void serve(Peer& peer);
    void answer(Peer& peer, const std::string& command);
    Way way() const;
    std::int64_t now_ms() const;

    mutable std::mutex mutex_;
    Way way_;
    FsLists lists_;
    std::shared_ptr<Peer> peer_;
    Fd listener_;
    std::string port_;
    std::atomic<bool> stop_{false};
    std::atomic<int> connections_{0};
    std::atomic<int> logins_{0};
    std::atomic<int> asked_{0};
    std::int64_t began_ms_ = 0;
    std::thread thread_;
};

}  // namespace surged::test
