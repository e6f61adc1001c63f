// A program and all that it starts, ended for certain: also when the test itself is killed, by whatever signal.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace surged::test {

/// A keeper process stands between: it adopts every orphan of the program, and ends them all once the test lets go or is gone.
class Kept {
public:
    /// Output goes to `log`, appended.
    Kept(std::string program, std::vector<std::string> arguments, const std::string& log, const std::map<std::string, std::string>& environment = {});
    ~Kept();
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

private:
    pid_t keeper_ = -1;
    int hold_ = -1;  ///< the keeper reads its other end: closed = end them
};

}  // namespace surged::test
