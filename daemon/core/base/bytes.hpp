// Little-endian bytes for snapshots. The reader is total: past the end or on a bad length it turns `ok()` false and yields zeros,
// so that a torn file is refused as a whole after one look at `ok()`.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace surged {

class ByteWriter {
public:
    template <typename T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    void put(T value) {
        static_assert(std::endian::native == std::endian::little, "snapshots are little-endian");
        char raw[sizeof(T)];
        std::memcpy(raw, &value, sizeof(T));
        bytes_.append(raw, sizeof(T));
    }
    void put_text(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        bytes_.append(text);
    }
    void put_raw(const void* data, std::size_t size) { bytes_.append(static_cast<const char*>(data), size); }
    const std::string& bytes() const { return bytes_; }
    std::string take() { return std::move(bytes_); }
    void clear() { bytes_.clear(); }
    std::size_t size() const { return bytes_.size(); }
    void reserve(std::size_t size) { bytes_.reserve(size); }

private:
    std::string bytes_;
};

class ByteReader {
public:
    /// Borrows `bytes`; they must outlive the reader.
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    template <typename T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    T get() {
        T value{};
        get_raw(&value, sizeof(T));
        return value;
    }
    std::string get_text();
    /// The same without a copy: it lies in the bytes that are read.
    std::string_view view_text();
    bool get_raw(void* out, std::size_t size);
    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }
    std::size_t left() const { return rest_.size(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

/// CRC-32C (Castagnoli, reflected 0x82F63B78), as RFC 3720 uses it. Test vector: "123456789" -> 0xE3069283.
/// `before` is the checksum of what comes before these bytes.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace surged
