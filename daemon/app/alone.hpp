// The owner while etcd is silent: whether it may go on without.
//
// It looks at the gate on a thread of its own. When nothing was confirmed for `alone_after` it asks the hosts that followed whether they have
// seen a later owner. One has: this process ends. Nobody has, or nobody can be asked: the gate is opened, and pages leave as with a disk
// that has failed, labelled. It goes on asking.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "app/cluster.hpp"
#include "app/log.hpp"

namespace surged {

class Alone {
public:
    static constexpr std::chrono::milliseconds look_every{200};
    static constexpr std::chrono::seconds ask_every{2};
    static constexpr std::chrono::seconds hosts_every{5};

    /// Borrowed. `on_alone`: called on its thread when it begins to go on without etcd.
    Alone(Cluster& cluster, const Log& log, std::function<void(const std::string& why)> on_alone);
    ~Alone();
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;

private:
    void run();
    void look(etcd::BootTime now);
    void ask(etcd::BootTime now);

    Cluster& cluster_;
    const Log& log_;
    const std::function<void(const std::string& why)> on_alone_;
    const etcd::Post post_;
    const etcd::BootTime after_;
    bool alone_ = false;
    etcd::BootTime asked_{0};
    etcd::BootTime listed_{0};

    std::mutex lock_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace surged
