// A TCP peer of a live feeder that does what a test tells it, and misbehaves. One connection at a time, plain or TLS, on 127.0.0.1 at a port
// of the system's choice.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "os/file.hpp"

namespace surged::test {

class ScriptedPeer {
public:
    /// What it speaks. Called on the peer's thread.
    struct Script {
        std::string end_of_command;                              ///< "\r\n\r\n"
        std::function<std::string()> greeting;                   ///< said first; empty = it says nothing
        std::function<void(const std::string& command)> answer;  ///< to one command, without its end; answers by send()
        /// Files of the next connection's certificate and key; not set or empty: plain.
        std::function<std::pair<std::string, std::string>()> certificate{};
    };
    explicit ScriptedPeer(Script script);
    ~ScriptedPeer();
    ScriptedPeer(const ScriptedPeer&) = delete;
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;

    const std::string& port() const { return port_; }
    /// Bytes to whoever is connected. False: nobody is, or the connection broke.
    bool send(const std::string& bytes);
    /// Ends the connection.
    void drop();
    int connections() const { return connections_; }

private:
    struct Connection;
    void run();
    void serve(Connection& connection);

    Script script_;
    std::mutex mutex_;
    std::shared_ptr<Connection> connection_;
    Fd listener_;
    std::string port_;
    std::atomic<bool> stop_{false};
    std::atomic<int> connections_{0};
    std::thread thread_;
};

}  // namespace surged::test
