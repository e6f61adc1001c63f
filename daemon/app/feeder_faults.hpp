// What is wrong with feeders' messages, in the log: one line a minute for each source and reason, with an example.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "app/log.hpp"
#include "core/series/refusal_book.hpp"

namespace surged {

class FeederFaults {
public:
    static constexpr Span every{60000};
    static constexpr std::size_t lines_max = 20;  ///< in `every`; whoever invents names must not fill the journal

    /// Once a second.
    void turn(const RefusalBook& book, EngineTime now, const Log& log);

private:
    struct Told {
        std::uint64_t count = 0;
        EngineTime at{};
    };
    std::map<std::pair<std::string, Refusal>, Told> told_;
    std::uint64_t generation_ = 0;
    EngineTime window_{};     ///< of lines_
    std::size_t lines_ = 0;   ///< told in it
    std::size_t untold_ = 0;  ///< kept back in it
};

}  // namespace surged
