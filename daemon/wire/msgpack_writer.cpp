#include "wire/msgpack_writer.hpp"

#include <bit>

namespace surged {

void MsgpackWriter::big_endian(std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        byte(static_cast<unsigned>(value >> shift & 0xFFU));
    }
}

void MsgpackWriter::map(std::uint32_t pairs) {
    if (pairs < 16) {
        byte(0x80U | pairs);
    } else if (pairs <= 0xFFFFU) {
        byte(0xDE), big_endian(pairs, 2);
    } else {
        byte(0xDF), big_endian(pairs, 4);
    }
}

void MsgpackWriter::array(std::uint32_t items) {
    if (items < 16) {
        byte(0x90U | items);
    } else if (items <= 0xFFFFU) {
        byte(0xDC), big_endian(items, 2);
    } else {
        byte(0xDD), big_endian(items, 4);
    }
}

void MsgpackWriter::text(std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    if (size < 32) {
        byte(0xA0U | size);
    } else if (size <= 0xFFU) {
        byte(0xD9), big_endian(size, 1);
    } else if (size <= 0xFFFFU) {
        byte(0xDA), big_endian(size, 2);
    } else {
        byte(0xDB), big_endian(size, 4);
    }
    out_ += bytes;
}

void MsgpackWriter::natural(std::uint64_t number) {
    if (number < 0x80U) {
        byte(static_cast<unsigned>(number));
    } else if (number <= 0xFFU) {
        byte(0xCC), big_endian(number, 1);
    } else if (number <= 0xFFFFU) {
        byte(0xCD), big_endian(number, 2);
    } else if (number <= 0xFFFFFFFFU) {
        byte(0xCE), big_endian(number, 4);
    } else {
        byte(0xCF), big_endian(number, 8);
    }
}

void MsgpackWriter::integer(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);  // two's complement: the low bytes are the number's own
    if (number >= 0) {
        natural(bits);
    } else if (number >= -32) {
        big_endian(bits, 1);
    } else if (number >= INT8_MIN) {
        byte(0xD0), big_endian(bits, 1);
    } else if (number >= INT16_MIN) {
        byte(0xD1), big_endian(bits, 2);
    } else if (number >= INT32_MIN) {
        byte(0xD2), big_endian(bits, 4);
    } else {
        byte(0xD3), big_endian(bits, 8);
    }
}

void MsgpackWriter::real(double number) {
    byte(0xCB), big_endian(std::bit_cast<std::uint64_t>(number), 8);
}

}  // namespace surged
