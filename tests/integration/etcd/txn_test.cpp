// The texts of etcd's one request, without an etcd: what is said, and what is refused of an answer.
#include <algorithm>
#include <random>

#include "io/etcd/batch.hpp"
#include "io/etcd/keys.hpp"
#include "io/etcd/standing.hpp"
#include "io/etcd/txn.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::etcd;

TEST_CASE("etcd keys: the order of the keys is the order of the log, and parts stand behind their batch", "[integration]") {
    const Keys keys("shandong", "0");
    CHECK(keys.term() == "/surged/shandong/0/term");
    CHECK(keys.log(255) == "/surged/shandong/0/log/00000000000000ff");
    CHECK(keys.log_part(255, 3) == "/surged/shandong/0/log/00000000000000ff/0003");
    CHECK(keys.log(9) < keys.log_part(9, 0));
    CHECK(keys.log_part(9, 65535) < keys.log(10));
    CHECK(keys.log(UINT64_MAX) < keys.log_end());
    CHECK(keys.log_part(UINT64_MAX, 65535) < keys.log_end());
}

TEST_CASE("etcd keys: a key of the log is read back, and anything else is none", "[integration]") {
    const Keys keys("shandong", "0");
    CHECK(keys.log_key(keys.log(42))->first == 42);
    CHECK(keys.log_key(keys.log(42))->part == -1);
    CHECK(keys.log_key(keys.log_part(42, 7))->part == 7);
    for (const std::string& other :
         {keys.term(), keys.head(), keys.log_end(), std::string(), keys.prefix() + "log/", keys.log(42) + "0", keys.log(42) + "/",
          keys.log(42) + "/00007", keys.log(42) + "/000g", Keys("shandong", "1").log(42), keys.prefix() + "log/00000000000000fz"}) {
        INFO(other);
        CHECK_FALSE(keys.log_key(other).has_value());
    }
}

TEST_CASE("etcd txn: compares on mod_revision, then one list or the other, bytes in base64 and numbers as texts", "[integration]") {
    const Txn txn{{{"k", 12}}, {Put{"k", "v"}, Delete{"d"}}, {Get{.key = "a", .end = "b", .limit = 2, .last_first = true, .keys_only = true}}};
    CHECK(text_of(txn) ==
          R"({"compare":[{"target":"MOD","result":"EQUAL","key":"aw==","mod_revision":"12"}],)"
          R"("success":[{"request_put":{"key":"aw==","value":"dg=="}},{"request_delete_range":{"key":"ZA=="}}],)"
          R"("failure":[{"request_range":{"key":"YQ==","range_end":"Yg==","limit":"2","sort_order":"DESCEND","sort_target":"KEY","keys_only":true}}]})");
}

TEST_CASE("etcd txn: what the gateway leaves out is zero, false or empty", "[integration]") {
    const auto reply = parse_reply(R"({"header":{"cluster_id":"1","revision":"7"},"responses":[{"response_range":{"header":{"revision":"7"}}}]})");
    REQUIRE(reply);
    CHECK_FALSE(reply->succeeded);
    CHECK(reply->revision == 7);
    REQUIRE(reply->found.size() == 1);
    CHECK(reply->found[0].empty());
}

TEST_CASE("etcd txn: an answer that is none is refused in words", "[integration]") {
    const Post broken = [](std::string_view, const std::string&) -> Result<std::string> { return R"({"header":{"revision":"7"},"succeeded":true})"; };
    CHECK(carry_out(broken, {{}, {Get{.key = "a"}}, {}}).error().message == "etcd's answer has 0 responses, not one for each operation");
    for (const char* text : {"", "no JSON", "[]", "{}", R"({"header":{}, "responses":{}})", R"({"header":{"revision":"x"}})",
                             R"({"header":{"revision":"7"},"responses":[{"response_range":{"kvs":[{"key":"*"}]}}]})",
                             R"({"header":{"revision":"7"},"responses":[{"response_range":{"kvs":7}}]})"}) {
        INFO(text);
        const auto reply = parse_reply(text);
        CHECK((!reply || reply->found.empty()));
    }
}

namespace {

/// Bytes that no compression makes fewer.
std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string out(size, '\0');
    std::generate(out.begin(), out.end(), [&] { return static_cast<char>(random()); });
    return out;
}

/// Every byte changed in turn, and every end cut off: found, or without effect (the code of a byte that does not occur).
void check_each_damage_is_found(const std::string& bytes, const std::vector<StoredRecord>& records) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto spoiled = bytes;
        spoiled[i] = static_cast<char>(spoiled[i] ^ 0x10);
        const std::string_view piece = spoiled;
        INFO(i);
        const auto read = records_of({&piece, 1});
        CHECK((!read || std::ranges::equal(*read, records, [](const auto& a, const auto& b) {
            return a.seq == b.seq && a.wall_ms == b.wall_ms && a.type == b.type && a.incident == b.incident && a.bytes == b.bytes;
        })));
        found += read ? 0U : 1U;
        const auto shorter = std::string_view(bytes).substr(0, i);
        CHECK_FALSE(records_of({&shorter, 1}));
    }
    CHECK(found >= bytes.size() - 5);
    const auto longer = bytes + "x";
    const std::string_view piece = longer;
    CHECK_FALSE(records_of({&piece, 1}));
}

}  // namespace

TEST_CASE("etcd batch: large batches are cut into parts, both sides of the limit, and come back whole", "[integration]") {
    // 4 bytes of count; a record has 8 + 8 + 3 * 4 + 4 bytes beside its texts.
    const std::size_t beside = 4 + 32 + 4;
    for (const auto& [size, parts] : {std::pair{part_bytes - beside, std::size_t{1}}, {part_bytes - beside + 1, std::size_t{2}},
                                      {3 * part_bytes - beside, std::size_t{3}}, {3 * part_bytes - beside + 1, std::size_t{4}}}) {
        StoredRecord record{1, 5, "page", "", noise(size)};
        const auto cut_up = batch_parts({&record, 1});
        REQUIRE(cut_up.size() == parts);
        CHECK(parts_told(cut_up.back()) == parts);
        std::vector<std::string_view> pieces(cut_up.begin(), cut_up.end());
        const auto back = records_of(pieces);
        REQUIRE(back);
        CHECK(back->front().bytes == record.bytes);
        if (parts > 1) {
            CHECK_FALSE(records_of(std::span(pieces).subspan(1)));  // one part is missing
        }
    }
}

TEST_CASE("etcd batch: records that say the same words take few bytes, and come back whole", "[integration]") {
    std::vector<StoredRecord> records;
    for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
        records.push_back({seq, 5, "seat.asked", "0-" + std::to_string(seq / 3),
                           R"({"type":"seat.asked","person":"lead-1","tier":1,"state":"asked","reason":"opened","seq":)" + std::to_string(seq) + "}"});
    }
    const auto parts = batch_parts(records);
    REQUIRE(parts.size() == 1);
    CHECK(parts.front().size() < 1000 * 20);
    const std::string_view piece = parts.front();
    const auto back = records_of({&piece, 1});
    REQUIRE(back);
    REQUIRE(back->size() == records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        REQUIRE((*back)[i].seq == records[i].seq);
        REQUIRE((*back)[i].incident == records[i].incident);
        REQUIRE((*back)[i].bytes == records[i].bytes);
    }
}

TEST_CASE("etcd batch: any byte that changes, and any end that is cut off, is found, compressed or not", "[integration]") {
    const std::vector<StoredRecord> few{{7, 70, "page.queued", "0-1", "{\"a\":1}"}, {8, 71, "system", "", ""}};
    check_each_damage_is_found(batch_parts(few).front(), few);
    const std::vector<StoredRecord> large{{7, 70, "page.queued", "0-1", std::string(700, 'a')}, {8, 71, "system", "", ""}};
    REQUIRE(batch_parts(large).front().size() < 200);
    check_each_damage_is_found(batch_parts(large).front(), large);
}

TEST_CASE("etcd standing: what surged did not write is refused, and so is a format of the future", "[integration]") {
    const Keys keys("c", "0");
    const auto of = [&](const std::string& term, const std::string& head) {
        return standing_of(keys, {{keys.term(), term, 3}}, {{keys.head(), head, 4}}, 5);
    };
    const auto good_head = text_of(Head{12, -3, 2, true});
    const auto standing = of(text_of(Term{"a", "https://a", "v", "id", "c"}), good_head);
    REQUIRE(standing);
    CHECK(standing->head->at == -3);
    CHECK(standing->head->released);
    CHECK(standing->term->installation == "id");
    CHECK(of("{}", good_head).error().error == LogError::corrupt);
    CHECK(of("7", good_head).error().error == LogError::corrupt);
    CHECK(of(text_of(Term{}), R"({"seq":1})").error().error == LogError::corrupt);
    CHECK(of(text_of(Term{}), R"({"seq":-1,"at":0,"kept":1,"released":false})").error().error == LogError::corrupt);
    auto newer = Term{};
    newer.format = written_format + 1;
    CHECK(of(text_of(newer), good_head).error().message.find("upgrade this host") != std::string::npos);
}
