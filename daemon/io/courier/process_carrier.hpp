// Runs commands: input on their stdin, bounded output, a time limit that holds for the whole process group. It knows processes
// and refuses to know pages. Hardest rule: whatever a command does (hang, ignore signals, leave children behind, print without
// end), it ends, it is reaped, and no descriptor stays open. Private to this room; one thread.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <vector>

#include "channels/request.hpp"
#include "os/file.hpp"

namespace surged {

class ProcessCarrier {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Done = std::function<void(std::uint64_t ticket, const ProcessReply& reply, Time first_byte)>;

    /// `grace`: between SIGTERM and SIGKILL.
    explicit ProcessCarrier(std::chrono::milliseconds grace) : grace_(grace) {}
    ~ProcessCarrier() { abandon(); }
    ProcessCarrier(const ProcessCarrier&) = delete;
    ProcessCarrier& operator=(const ProcessCarrier&) = delete;

    /// A command that cannot be started is reported by the next drive().
    void start(std::uint64_t ticket, const ProcessRequest& request, std::chrono::milliseconds timeout);
    /// Moves input and output, enforces limits, reports what ended.
    void drive(const Done& done);
    /// Adds the descriptors to wait for; returns the longest time that may pass until the next drive().
    std::chrono::milliseconds prepare_wait(std::vector<pollfd>& out) const;
    /// Kills and reaps everything without reports.
    void abandon();

private:
    struct Child {
        std::uint64_t ticket = 0;
        pid_t pid = -1;
        Fd input_end;
        Fd output_end;
        Fd process;  // none where the kernel has none; then we look every few ms
        std::string input;
        std::size_t input_done = 0;
        Time deadline{};
        Time kill_at = Time::max();
        Time first_byte{};
        ProcessReply reply;
    };
    void feed(Child& child);
    void drain(Child& child);
    bool ended(Child& child);
    void enforce(Child& child, Time now);
    static void close_fds(Child& child);

    const std::chrono::milliseconds grace_;
    std::list<Child> children_;
};

}  // namespace surged
