#include "app/owner_time.hpp"

#include <algorithm>

namespace surged {
namespace {

std::int64_t nanoseconds(EngineTime at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

}  // namespace

void OwnerTime::begin(EngineTime at, BootTime now) {
    offset_ns_.store(nanoseconds(at) - now.count());
}

void OwnerTime::heard(EngineTime at, BootTime answered) {
    const auto offset = nanoseconds(at) - answered.count();
    if (readings_++ == 0) {
        best_ = before_ = offset;
        turned_ = answered;
    } else if (answered - turned_ > window) {
        before_ = best_;
        best_ = offset;
        turned_ = answered;
    } else {
        best_ = std::max(best_, offset);
    }
    offset_ns_.store(std::max(best_, before_));
    heard_.store(true);
}

EngineTime OwnerTime::at(BootTime now) const {
    return EngineTime{std::chrono::floor<Span>(now + std::chrono::nanoseconds{offset_ns_.load()})};
}

}  // namespace surged
