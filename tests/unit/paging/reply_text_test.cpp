#include "core/base/text.hpp"
#include "core/paging/reply_text.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
/// What one SMS leaves for our words: 70 less a signature of 10.
constexpr std::size_t room = 60;
}  // namespace

TEST_CASE("reply text: the hint is as long as is reserved for it, in both languages") {
    CHECK(reply_hint("K7MPRA", Language::zh) == " 回1来2否 K7MPRA");
    CHECK(utf8_length(reply_hint("K7MPRA", Language::zh)) == reply_hint_length(Language::zh));
    CHECK(reply_hint("K7MPRA", Language::en) == " 1=yes 2=no K7MPRA");
    CHECK(utf8_length(reply_hint("K7MPRA", Language::en)) == reply_hint_length(Language::en));
}

TEST_CASE("reply text: whatever became of an answer is said, within one SMS, in both languages") {
    for (const auto language : {Language::zh, Language::en}) {
        for (const auto what : {ReplyCase::listed, ReplyCase::none, ReplyCase::unreadable, ReplyCase::wrong_code,
                                ReplyCase::locked, ReplyCase::unsure}) {
            CHECK_FALSE(reply_answer(what, language).empty());
            CHECK(utf8_length(reply_answer(what, language)) <= room);
            CHECK_FALSE(to_string(what).empty());
        }
        for (auto r = AnswerResult::seated; r <= AnswerResult::elsewhere; r = static_cast<AnswerResult>(static_cast<int>(r) + 1)) {
            for (const auto kind : {AnswerKind::join, AnswerKind::decline}) {
                CommandReply reply;
                reply.code = to_string(r);
                reply.joined = 9999;
                reply.need = 10000;
                CHECK_FALSE(reply_answer(kind, reply, language).empty());
                CHECK(utf8_length(reply_answer(kind, reply, language)) <= room);
            }
        }
    }
    CommandReply full;
    full.code = "spare";
    full.joined = full.need = 6;
    CHECK(reply_answer(AnswerKind::join, full, Language::zh) == "席位已满6/6，请待命。");
}

TEST_CASE("reply text: a list holds whole entries only, as many as there is room for") {
    const std::vector<std::pair<std::string, std::string>> places{
        {"济南/普席", "K7MPRA"}, {"青岛/普席", "ACDEFH"}, {"烟台/专席", "WXY347"}};
    CHECK(reply_list(places, Language::zh, 0) == "请回1或2加代码：济南/普席 K7MPRA；青岛/普席 ACDEFH；烟台/专席 WXY347");
    CHECK(reply_list(places, Language::zh, 34) == "请回1或2加代码：济南/普席 K7MPRA；青岛/普席 ACDEFH");
    CHECK(reply_list(places, Language::zh, 33) == "请回1或2加代码：济南/普席 K7MPRA");
    CHECK(utf8_length(reply_list(places, Language::zh, 34)) == 34);
    CHECK(utf8_length(reply_list(places, Language::en, 5)) == 5);
}
