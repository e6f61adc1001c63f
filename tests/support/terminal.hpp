// A program on a terminal of its own, typed to as a person would: for what depends on there being a terminal.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace surged::test {

class Terminal {
public:
    /// The environment holds PATH, HOME, TERM=xterm, LC_ALL=C.UTF-8 and what is given, nothing else.
    Terminal(const std::string& program, std::vector<std::string> arguments, const std::string& folder, std::map<std::string, std::string> environment = {});
    ~Terminal();  ///< SIGKILL and wait
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void type(const std::string& keys);
    /// Reads until the screen shows `text` behind what was read before, or nothing more comes within `within`; true = it did.
    bool shows(const std::string& text, std::chrono::milliseconds within = std::chrono::seconds{15});
    /// Reads to the end of the program.
    std::string rest(std::chrono::milliseconds within = std::chrono::seconds{15});
    /// All that was read so far.
    const std::string& text() const { return text_; }

private:
    bool read_some(std::chrono::milliseconds within);

    int master_ = -1;
    pid_t pid_ = -1;
    std::string text_;
    std::size_t seen_ = 0;
};

}  // namespace surged::test
