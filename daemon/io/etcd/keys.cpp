#include "io/etcd/keys.hpp"

#include "core/base/encoding.hpp"

namespace surged::etcd {

namespace {

/// Sixteen hexadecimal digits; nullopt = anything else.
std::optional<std::uint64_t> hex_number(std::string_view digits) {
    std::uint64_t out = 0;
    for (const char digit : digits) {
        const int value = hex_digit(digit);
        if (value < 0) {
            return std::nullopt;
        }
        out = out * 16 + static_cast<std::uint64_t>(value);
    }
    return digits.size() == 16 ? std::optional(out) : std::nullopt;
}

/// Four digits are enough: a part has half a MiB, and a batch less than 16 MiB.
std::string part_digits(std::size_t part) {
    return to_hex(std::uint64_t{part}).substr(12);
}

}  // namespace

Keys::Keys(std::string_view cluster, std::string_view shard)
    : prefix_("/surged/" + std::string(cluster) + "/" + std::string(shard) + "/") {}

std::string Keys::log(std::uint64_t first) const {
    return prefix_ + "log/" + to_hex(first);
}
std::string Keys::log_part(std::uint64_t first, std::size_t part) const {
    return log(first) + "/" + part_digits(part);
}
std::string Keys::snap_part(std::uint64_t seq, std::size_t part) const {
    return snap_parts() + to_hex(seq) + "/" + part_digits(part);
}
std::string Keys::host(std::string_view name) const {
    return hosts() + std::string(name);
}

std::optional<Keys::LogKey> Keys::log_key(std::string_view key) const {
    const auto begin = prefix_ + "log/";
    if (!key.starts_with(begin)) {
        return std::nullopt;
    }
    key.remove_prefix(begin.size());
    const auto first = hex_number(key.substr(0, 16));
    if (!first || key.size() == 16) {
        return first ? std::optional(LogKey{*first, -1}) : std::nullopt;
    }
    const auto part = key.size() == 21 && key[16] == '/' ? hex_number("000000000000" + std::string(key.substr(17))) : std::nullopt;
    return part ? std::optional(LogKey{*first, static_cast<int>(*part)}) : std::nullopt;
}

}  // namespace surged::etcd
