// Snapshots' bytes: what is written comes back, and what is torn is refused as a whole.
#include "core/base/bytes.hpp"

#include <limits>
#include <random>

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("bytes: the checksum is CRC-32C of RFC 3720", "[unit]") {
    CHECK(crc32c("123456789") == 0xE3069283U);
    CHECK(crc32c("") == 0U);
    CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
    CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);

    std::string rising;
    for (char c = 0; c < 32; ++c) {
        rising += c;
    }
    CHECK(crc32c(rising) == 0x46DD794EU);
}

TEST_CASE("bytes: every single flipped bit changes the checksum", "[unit]") {
    const std::string text = "incident 7 opened at 1795330800123";
    const auto sum = crc32c(text);
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string torn = text;
        torn[bit / 8] = static_cast<char>(torn[bit / 8] ^ (1 << (bit % 8)));
        CHECK(crc32c(torn) != sum);
    }
}

TEST_CASE("bytes: numbers and texts come back as they were", "[unit]") {
    enum class Colour : std::uint8_t { red = 3 };
    ByteWriter out;
    out.put(std::uint8_t{255});
    out.put(std::numeric_limits<std::int64_t>::min());
    out.put(0.1);
    out.put(Colour::red);
    out.put_text("普席");
    out.put_text("");
    out.put(true);

    ByteReader in(out.bytes());
    CHECK(in.get<std::uint8_t>() == 255);
    CHECK(in.get<std::int64_t>() == std::numeric_limits<std::int64_t>::min());
    CHECK(in.get<double>() == 0.1);
    CHECK(in.get<Colour>() == Colour::red);
    CHECK(in.get_text() == "普席");
    CHECK(in.get_text().empty());
    CHECK(in.get<bool>());
    CHECK(in.ok());
    CHECK(in.at_end());
}

TEST_CASE("bytes: numbers are little-endian on disk", "[unit]") {
    ByteWriter out;
    out.put(std::uint32_t{0x01020304});
    CHECK(out.bytes() == std::string("\x04\x03\x02\x01", 4));
}

TEST_CASE("bytes: a text cut anywhere turns ok false, yields zeros and stays so", "[unit]") {
    ByteWriter out;
    out.put(std::uint64_t{7});
    out.put_text("jinan");
    const std::string whole = out.bytes();

    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string torn = whole.substr(0, size);
        ByteReader in(torn);
        const auto number = in.get<std::uint64_t>();
        const auto text = in.get_text();
        CHECK_FALSE(in.ok());
        CHECK(text.empty());
        CHECK((number == 7 || number == 0));
        CHECK(in.get<std::uint8_t>() == 0);
        CHECK_FALSE(in.ok());
    }
    ByteReader in(whole);
    in.get<std::uint64_t>();
    CHECK(in.get_text() == "jinan");
    CHECK(in.ok());
}

TEST_CASE("bytes: a length beyond the rest is refused before anything is allocated", "[unit]") {
    ByteWriter out;
    out.put(std::numeric_limits<std::uint32_t>::max());
    out.put_raw("abc", 3);
    ByteReader in(out.bytes());
    CHECK(in.get_text().empty());
    CHECK_FALSE(in.ok());

    ByteWriter exact;
    exact.put(std::uint32_t{3});
    exact.put_raw("abc", 3);
    ByteReader fits(exact.bytes());
    CHECK(fits.get_text() == "abc");
    CHECK(fits.ok());
}

TEST_CASE("bytes: random bytes are read without harm", "[unit]") {
    std::mt19937_64 random(20260101);
    for (int round = 0; round < 2000; ++round) {
        std::string noise(random() % 64, '\0');
        for (auto& c : noise) {
            c = static_cast<char>(random());
        }
        ByteReader in(noise);
        for (int i = 0; i < 10; ++i) {
            switch (random() % 3) {
                case 0: in.get<double>(); break;
                case 1: CHECK(in.get_text().size() <= noise.size()); break;
                default: in.get<std::uint16_t>(); break;
            }
        }
        CHECK(in.left() <= noise.size());
    }
}

TEST_CASE("crc-32c: in pieces of any length it is the checksum of the whole, and RFC 3720's vectors hold", "[unit]") {
    CHECK(crc32c("123456789") == 0xE3069283U);
    CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
    CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text.push_back(static_cast<char>(i * 37));
    }
    const std::string_view all = text;
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        INFO("cut at " << cut);
        CHECK(crc32c(all.substr(cut), crc32c(all.substr(0, cut))) == crc32c(all));
    }
}
