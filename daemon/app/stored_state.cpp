#include "app/stored_state.hpp"

#include <cstdint>

#include "core/base/bytes.hpp"
#include "wire/deflate.hpp"

namespace surged {
namespace {

constexpr std::string_view mark = "surged-z";  // no state begins so
/// More than any state has (8.9 MB at a thousand incidents): a damaged size must not ask for all memory.
constexpr std::uint32_t state_max = std::uint32_t{1} << 30U;

}  // namespace

std::string stored_state(std::string_view state) {
    const auto stream = state.size() <= state_max ? deflated(state) : std::string();
    if (stream.empty()) {
        return std::string(state);
    }
    ByteWriter out;
    out.put_raw(mark.data(), mark.size());
    out.put(static_cast<std::uint32_t>(state.size()));
    out.put_raw(stream.data(), stream.size());
    return out.take();
}

std::optional<std::string> state_of(std::string_view stored) {
    if (!stored.starts_with(mark)) {
        return std::string(stored);
    }
    stored.remove_prefix(mark.size());
    ByteReader in(stored);
    const auto size = in.get<std::uint32_t>();
    return in.ok() && size <= state_max ? inflated(stored.substr(sizeof(size)), size) : std::nullopt;
}

}  // namespace surged
