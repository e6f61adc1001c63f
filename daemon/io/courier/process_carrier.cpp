#include "io/courier/process_carrier.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace surged {
namespace {

using Time = ProcessCarrier::Time;

constexpr std::size_t output_bytes_max = 4096;
constexpr int reads_max = 64;  // per drive and child: a command that prints without end must not hold the loop

struct Pipe {
    Fd read_end;
    Fd write_end;
};

bool open_pipe(Pipe& out) {
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
        return false;
    }
    out.read_end.reset(fds[0]);
    out.write_end.reset(fds[1]);
    return true;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (const auto& text : texts) {
        out.push_back(const_cast<char*>(text.c_str()));  // exec takes them as it always did; it does not write
    }
    out.push_back(nullptr);
    return out;
}

/// Starts the command with these two pipes as its standard streams, in its own process group, with default signals, in "/", with
/// nothing else open. Returns an errno.
int spawn(const ProcessRequest& request, const Pipe& input, const Pipe& output, pid_t& pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&actions, input.read_end.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output.write_end.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output.write_end.get(), STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions, "/");
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    const auto command = pointers(request.command);
    const auto environment = pointers(request.environment);
    const int error = ::posix_spawn(&pid, command.front(), &actions, &attributes, command.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    return error;
}

}  // namespace

void ProcessCarrier::start(std::uint64_t ticket, const ProcessRequest& request, std::chrono::milliseconds timeout) {
    Child child;
    child.ticket = ticket;
    child.input = request.input;
    child.deadline = std::chrono::steady_clock::now() + timeout;
    Pipe input;
    Pipe output;
    if (!open_pipe(input) || !open_pipe(output)) {
        child.reply.spawn_error = errno;
    } else {
        child.reply.spawn_error = spawn(request, input, output, child.pid);
    }
    input.read_end.reset();
    output.write_end.reset();
    child.input_end = std::move(input.write_end);
    child.output_end = std::move(output.read_end);
    if (child.reply.spawn_error != 0) {
        child.pid = -1;
        close_fds(child);
    } else {
        ::fcntl(child.input_end.get(), F_SETFL, O_NONBLOCK);
        ::fcntl(child.output_end.get(), F_SETFL, O_NONBLOCK);
        child.process.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));  // close-on-exec by itself
        feed(child);
    }
    children_.push_back(std::move(child));
}

void ProcessCarrier::close_fds(Child& child) {
    child.input_end.reset();
    child.output_end.reset();
    child.process.reset();
}

/// SIGPIPE is blocked on this thread, so a command that does not read only gives EPIPE here.
void ProcessCarrier::feed(Child& child) {
    while (child.input_end) {
        if (child.input_done == child.input.size()) {
            child.reply.input_taken = true;
            child.input_end.reset();
            return;
        }
        const auto put = ::write(child.input_end.get(), child.input.data() + child.input_done, child.input.size() - child.input_done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0 && errno == EAGAIN) {
            return;
        }
        if (put <= 0) {
            child.input_end.reset();
            return;
        }
        if (child.first_byte == Time{}) {
            child.first_byte = std::chrono::steady_clock::now();
        }
        child.input_done += static_cast<std::size_t>(put);
    }
}

void ProcessCarrier::drain(Child& child) {
    std::array<char, 4096> piece;  // NOLINT: filled by read
    for (int i = 0; i < reads_max && child.output_end; ++i) {
        const auto got = ::read(child.output_end.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            return;
        }
        if (got <= 0) {
            child.output_end.reset();
            return;
        }
        const std::size_t room = output_bytes_max - child.reply.output.size();
        child.reply.output.append(piece.data(), std::min(static_cast<std::size_t>(got), room));
    }
}

/// True once the command itself has ended. Its group is killed while the dead leader still holds the group's number, then it is
/// reaped.
bool ProcessCarrier::ended(Child& child) {
    if (child.pid < 0) {
        return true;
    }
    siginfo_t info{};
    const int waited = ::waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOHANG | WNOWAIT);
    if (waited == 0 && info.si_pid == 0) {
        return false;
    }
    ::kill(-child.pid, SIGKILL);
    if (waited == 0) {
        if (info.si_code == CLD_EXITED) {
            child.reply.exit_code = info.si_status;
        } else {
            child.reply.signal = info.si_status;
        }
        ::waitpid(child.pid, nullptr, 0);
    } else {
        child.reply.signal = SIGKILL;  // somebody else reaped it: nobody knows how it ended
    }
    child.pid = -1;
    return true;
}

void ProcessCarrier::enforce(Child& child, Time now) {
    if (child.pid < 0) {
        return;
    }
    if (!child.reply.timed_out && now >= child.deadline) {
        child.reply.timed_out = true;
        child.kill_at = now + grace_;
        ::kill(-child.pid, SIGTERM);
    } else if (child.reply.timed_out && now >= child.kill_at) {
        child.kill_at = now + grace_;  // again, should a process of the group have been born meanwhile
        ::kill(-child.pid, SIGKILL);
    }
}

void ProcessCarrier::drive(const Done& done) {
    const Time now = std::chrono::steady_clock::now();
    std::list<Child> finished;
    for (auto at = children_.begin(); at != children_.end();) {
        const auto here = at++;
        feed(*here);
        enforce(*here, now);
        const bool over = ended(*here);
        drain(*here);  // after the end: what it wrote last is in the pipe
        if (over) {
            close_fds(*here);
            finished.splice(finished.end(), children_, here);
        }
    }
    for (const auto& child : finished) {
        done(child.ticket, child.reply, child.first_byte);
    }
}

std::chrono::milliseconds ProcessCarrier::prepare_wait(std::vector<pollfd>& out) const {
    using std::chrono::milliseconds;
    auto within = milliseconds{60000};
    const Time now = std::chrono::steady_clock::now();
    for (const auto& child : children_) {
        if (child.pid < 0) {
            return milliseconds{0};
        }
        if (child.input_end) {
            out.push_back(pollfd{child.input_end.get(), POLLOUT, 0});
        }
        if (child.output_end) {
            out.push_back(pollfd{child.output_end.get(), POLLIN, 0});
        }
        if (child.process) {
            out.push_back(pollfd{child.process.get(), POLLIN, 0});
        } else {
            within = std::min(within, milliseconds{20});
        }
        const Time next = child.reply.timed_out ? child.kill_at : child.deadline;
        const auto left = std::chrono::duration_cast<milliseconds>(next - now) + milliseconds{1};
        within = std::clamp(left, milliseconds{0}, within);
    }
    return within;
}

void ProcessCarrier::abandon() {
    for (auto& child : children_) {
        if (child.pid >= 0) {
            ::kill(-child.pid, SIGKILL);
            ::waitpid(child.pid, nullptr, 0);
        }
        close_fds(child);
    }
    children_.clear();
}

}  // namespace surged
