// The text of a policy in records: every key goes through it, and texts of other releases and damaged ones are survived.
#include <array>
#include <cstring>
#include <random>

#include "core/base/bytes.hpp"
#include "core/base/encoding.hpp"
#include "core/base/fields.hpp"
#include "core/base/tagged_fields.hpp"
#include "core/record/policy_bytes.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

/// Gives every field, however deep, a value that is neither its default nor that of another.
struct Fill {
    int n = 100;
    template <typename T>
    void operator()(const char* /*name*/, T& x) {
        one(x);
    }
    template <typename T>
    void one(T& x) {
        ++n;
        if constexpr (std::is_same_v<T, bool>) {
            x = !x;
        } else if constexpr (std::is_enum_v<T>) {
            x = static_cast<T>(x == static_cast<T>(1) ? 0 : 1);
        } else if constexpr (std::is_floating_point_v<T>) {
            x = n + 0.25;
        } else if constexpr (std::is_arithmetic_v<T>) {
            x = static_cast<T>(n);
        } else if constexpr (std::is_same_v<T, Span>) {
            x = Span{n};
        } else if constexpr (std::is_same_v<T, std::string>) {
            x = "普席 " + std::to_string(n);
        } else if constexpr (requires { typename T::mapped_type; }) {
            one(x["a"]), one(x["b"]);
        } else if constexpr (requires { x.emplace_back(); }) {
            one(x.emplace_back()), one(x.emplace_back());
        } else {
            x.fields(*this);
        }
    }
};
/// Copies the one field of this name from another policy.
struct Copy {
    std::string name;
    const void* from = nullptr;
    bool put = false;
    template <typename T>
    void operator()(const char* field, T& x) {
        if (name != field) {
            return;
        }
        if (put) {
            x = *static_cast<const T*>(from);
        } else {
            from = &x;
        }
    }
};

PolicySpec filled() {
    PolicySpec policy;
    Fill fill;
    policy.fields(fill);
    return policy;
}
/// By position: every field is in it, whatever its name.
std::string all_of(PolicySpec policy) {
    FieldsOut out;
    policy.fields(out);
    return out.take();
}
std::string sealed(const std::string& body, std::uint8_t version = 2) {
    ByteWriter out;
    out.put(version);
    out.put(crc32c(body));
    out.put_raw(body.data(), body.size());
    return base64(out.take());
}

struct FutureTier {
    TierSpec now;
    int quorum = 3;
    template <typename V>
    void fields(V& v) {
        v("quorum", quorum);
        now.fields(v);
    }
};
template <typename V>
struct ButTiers {
    V& v;
    template <typename T>
    void operator()(const char* name, T& x) {
        if (std::string_view(name) != "tiers") {
            v(name, x);
        }
    }
};
struct FuturePolicy {
    PolicySpec now;
    std::vector<FutureTier> tiers;
    std::string tone = "calm";
    template <typename V>
    void fields(V& v) {
        v("tone", tone);
        ButTiers<V> rest{v};
        now.fields(rest);
        v("tiers", tiers);
    }
};

}  // namespace

TEST_CASE("policy bytes: every field survives, however deep") {
    const auto policy = filled();
    REQUIRE(policy.tiers.size() == 2);
    REQUIRE(policy.actions[1].undo_params.size() == 2);
    REQUIRE(policy.tiers[1].require[0].min > 100);
    const auto text = encode_policy(policy);
    std::vector<std::string> unknown;
    const auto back = decode_policy(text, &unknown);
    REQUIRE(back.has_value());
    CHECK(all_of(*back) == all_of(policy));
    CHECK(encode_policy(*back) == text);
    CHECK(unknown.empty());
    const auto plain = decode_policy(encode_policy(PolicySpec{}));
    REQUIRE(plain.has_value());
    CHECK(all_of(*plain) == all_of(PolicySpec{}));
}

TEST_CASE("policy bytes: anything torn, grown or changed is refused") {
    const auto bytes = *from_base64(encode_policy(filled()));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        REQUIRE_FALSE(decode_policy(base64(bytes.substr(0, cut))).has_value());
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ 0x21);
        REQUIRE_FALSE(decode_policy(base64(flipped)).has_value());
    }
    CHECK_FALSE(decode_policy(base64(bytes + "x")).has_value());
    CHECK_FALSE(decode_policy("not base64!").has_value());
    CHECK_FALSE(decode_policy("").has_value());
}

TEST_CASE("policy bytes: those of another version are refused") {
    const auto body = TaggedOut::bytes(filled());
    REQUIRE(decode_policy(sealed(body)).has_value());
    for (const int version : {0, 1, 3, 255}) {
        CHECK_FALSE(decode_policy(sealed(body, static_cast<std::uint8_t>(version))).has_value());
    }
}

TEST_CASE("policy bytes: keys of a later release are passed over and named; what is known is read") {
    FuturePolicy later{filled(), {}, "calm"};
    for (const auto& tier : later.now.tiers) {
        later.tiers.push_back({tier, 3});
    }
    std::vector<std::string> unknown;
    const auto back = decode_policy(sealed(TaggedOut::bytes(later)), &unknown);
    REQUIRE(back.has_value());
    CHECK(all_of(*back) == all_of(later.now));
    CHECK(unknown == std::vector<std::string>{"quorum", "quorum", "tone"});
}

TEST_CASE("policy bytes: a key that an earlier release did not write has its default") {
    const auto body = TaggedOut::bytes(filled());
    std::size_t fields = 0;
    for (std::size_t at = 0; at < body.size(); ++fields) {
        const auto name_size = static_cast<unsigned char>(body[at]);
        const auto name = body.substr(at + 1, name_size);
        std::uint32_t size = 0;
        std::memcpy(&size, body.data() + at + 1 + name_size, sizeof(size));
        const auto next = at + 1 + name_size + sizeof(size) + size;
        CAPTURE(name);

        PolicySpec defaults;
        auto expected = filled();
        Copy copy{name};
        defaults.fields(copy);
        REQUIRE(copy.from != nullptr);
        copy.put = true;
        expected.fields(copy);
        const auto back = decode_policy(sealed(body.substr(0, at) + body.substr(next)));
        REQUIRE(back.has_value());
        CHECK(all_of(*back) == all_of(expected));
        CHECK(all_of(*back) != all_of(filled()));

        CHECK_FALSE(decode_policy(sealed(body + body.substr(at, next - at))).has_value());  // twice
        at = next;
    }
    CHECK(fields == 22);
}

TEST_CASE("policy bytes: a word, a number or a count that cannot be is refused") {
    const auto with = [](const std::string& name, const std::string& value) {
        ByteWriter out;
        out.put(static_cast<std::uint8_t>(name.size()));
        out.put_raw(name.data(), name.size());
        out.put_text(value);
        return decode_policy(sealed(out.take()));
    };
    const auto number = [](auto n) { return std::string(reinterpret_cast<const char*>(&n), sizeof(n)); };
    CHECK(with("page_from", number(std::int64_t{3}))->page_from == Level::red);
    CHECK_FALSE(with("page_from", number(std::int64_t{4})));
    CHECK_FALSE(with("page_from", number(std::int64_t{-1})));
    CHECK_FALSE(with("page_from", number(std::int32_t{1})));
    CHECK(with("recheck_add", number(std::int64_t{2147483647}))->recheck_add == 2147483647);
    CHECK_FALSE(with("recheck_add", number(std::int64_t{2147483648})));
    CHECK(with("fallback", number(std::uint32_t{1}) + number(std::uint32_t{0}))->fallback.size() == 1);
    CHECK_FALSE(with("fallback", number(std::uint32_t{2}) + number(std::uint32_t{0})));
    CHECK_FALSE(with("fallback", number(std::uint32_t{0xFFFFFFFF})));
    CHECK_FALSE(with("fallback", number(std::uint32_t{1}) + number(std::uint32_t{0xFFFFFFFF})));
    CHECK_FALSE(with("fallback", number(std::uint32_t{0}) + "x"));
}

TEST_CASE("policy bytes: hostile bytes never crash the reader, and what it takes is whole") {
    const auto whole = TaggedOut::bytes(filled());
    std::mt19937 random(20261129);
    const auto below = [&](std::size_t n) { return std::size_t{random() % n}; };
    std::size_t taken = 0;
    for (int i = 0; i < 3000; ++i) {
        auto body = whole;
        for (auto left = below(4) + 1; left > 0 && !body.empty(); --left) {
            const auto at = below(body.size());
            switch (below(5)) {
                case 0: body[at] = static_cast<char>(random()); break;
                case 1: body.resize(at); break;
                case 2: body.insert(at, body.substr(below(body.size()), below(64))); break;
                case 3: body.erase(at, below(16) + 1); break;
                default: {
                    const std::uint32_t size = std::array{0U, 1U, 0x7FFFFFFFU, 0xFFFFFFFFU}[below(4)];
                    body.replace(at, 4, reinterpret_cast<const char*>(&size), 4);
                }
            }
        }
        if (const auto policy = decode_policy(sealed(body))) {
            ++taken;
            const auto again = decode_policy(encode_policy(*policy));
            REQUIRE(again.has_value());
            REQUIRE(all_of(*again) == all_of(*policy));
        }
    }
    CHECK(taken > 0);
}
