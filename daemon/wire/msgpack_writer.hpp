// Appends MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) to a string, each value in its shortest form.
//
// The forms that a message of a feeder needs, and no others. A map is followed by its keys and values, an array by its items; the
// caller counts them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace surged {

class MsgpackWriter {
public:
    explicit MsgpackWriter(std::string& out) : out_(out) {}

    void map(std::uint32_t pairs);
    void array(std::uint32_t items);
    /// At most 4 GiB. UTF-8 is the caller's business.
    void text(std::string_view bytes);
    void natural(std::uint64_t number);
    void integer(std::int64_t number);
    /// Always as float 64.
    void real(double number);

private:
    /// `bytes` of `value`, the most significant first.
    void big_endian(std::uint64_t value, int bytes);
    void byte(unsigned value) { out_ += static_cast<char>(static_cast<unsigned char>(value)); }

    std::string& out_;
};

}  // namespace surged
