// Processes of a run: the daemon, the sender, the floors, the peers. Started, watched and ended by their own pid, and none
// outlives the run.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace surged::bench {

class Child {
public:
    struct Options {
        std::vector<std::string> argv;         ///< argv[0] is a path
        std::string log;                       ///< file for stderr, and for stdout unless `pipe`; empty = /dev/null
        bool pipe = false;                     ///< stdout comes back by read_line()
        std::string folder;                    ///< working directory; empty = ours
        std::vector<std::string> environment;  ///< "NAME=value", beside ours
    };
    /// Errors end the program: a benchmark without its processes has nothing to say.
    explicit Child(const Options& options);
    /// SIGTERM, then SIGKILL after two seconds.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const { return pid_; }
    bool running();
    /// The next line of its stdout without the line feed; empty when nothing came within `within` or it ended.
    std::string read_line(std::chrono::milliseconds within);
    /// SIGTERM, then SIGKILL when it is still there after `within`; true = it ended by itself.
    bool stop(std::chrono::milliseconds within = std::chrono::seconds{2});

private:
    pid_t pid_ = -1;
    int out_ = -1;
    std::string text_;
};

/// The program that runs now, and a program beside it.
std::string own_path();
std::string beside_own(const std::string& program);
/// First of the paths that can be executed; empty = none.
std::string first_program(const std::vector<std::string>& paths);
/// A TCP port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves.
int free_port();
/// Waits until `text` stands in the file; returns its whole content, empty when it did not come in time.
std::string wait_for_text(const std::string& file, const std::string& text, std::chrono::milliseconds within);
/// Message to stderr, and the end of main()'s work; what was started ends on the way there.
[[noreturn]] void give_up(const std::string& why);
/// What main() does: the exit code of `work`, 1 when it was given up.
int work_to_the_end(const std::function<int()>& work);

}  // namespace surged::bench
