#include "feed/queue_log_summary.hpp"

#include <sstream>

#include "queue_log_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("summary: the JSON has exactly the contract's keys, over all epochs of the file", "[unit]") {
    std::istringstream in(
        log_text({"0 NONE NONE - QUEUESTART", "1 a sales - ENTERQUEUE ||1", "5 a sales A CONNECT 4|x|0",
                  "35 a sales A COMPLETEAGENT 4|30|1", "40 b sales - ENTERQUEUE ||1", "50 b sales - EXITEMPTY 1|1|10",
                  "60 c sales - ENTERQUEUE ||1", "70 NONE NONE - QUEUESTART", "80 d sales - ENTERQUEUE ||1",
                  "81 e support - ENTERQUEUE ||1", "82 e support - ABANDON 1|1|1", "83 x support - DID 5"}));

    CHECK(
        summary_json(summarize_queue_log(in)) ==
        R"({"queues":{"sales":{"offered":4,"answered":1,"abandoned":0,"timeouts":1,"waiting_at_end":1,"asa_s":4,"answered_in_20":1,)"
        R"("talk_s_sum":30,"overflow_out":0,"callbacks_requested":0,"blocked":0},"support":{"offered":1,"answered":0,"abandoned":1,"timeouts":0,"waiting_at_end":0,"asa_s":null,)"
        R"("answered_in_20":0,"talk_s_sum":0,"overflow_out":0,"callbacks_requested":0,"blocked":0}},"lines":12,"unknown_events":1,)"
        R"("malformed":0,"oddities":{"backward":0,"backdated":0,"bad_params":0,"matched_by_time":0,"transfers_matched":0,)"
        R"("unmatched_exits":0,"repeated_exits":0,"exits_by_others":0,"lost_at_restart":1,"expired":0,"replaced":0,)"
        R"("talks_capped":0,"over_limit":0}})");
}

TEST_CASE("summary: an empty log is an empty answer", "[unit]") {
    std::istringstream in("");
    CHECK(summary_json(summarize_queue_log(in))
              .rfind(R"({"queues":{},"lines":0,"unknown_events":0,"malformed":0,"oddities":{)", 0) == 0);
}

TEST_CASE("summary: bad lines are counted, told by number, and cost only themselves", "[unit]") {
    std::string text = "\xEF\xBB\xBF" + log_line("0 a q - ENTERQUEUE ||1") + "\r\nrubbish\r\n\r\n" + std::string(5000, 'x') +
                       "\n" + log_line("9 a q A CONNECT 9|x|0");
    text.insert(text.size() - 3, 1, '\0');
    text += "\n" + log_line("10 a q A CONNECT 10|x|0");
    std::istringstream in(text);
    const auto summary = summarize_queue_log(in);

    CHECK(summary.read.lines == 6);
    CHECK(summary.read.malformed == 3);
    CHECK(summary.read.first_faults == std::vector<std::pair<std::uint64_t, LineFault>>{
                                           {2, LineFault::fields}, {4, LineFault::too_long}, {5, LineFault::nul}});
    CHECK(summary.state.queues().at("q").total().answered == 1);
    const auto shown = summary_text(summary);
    CHECK(shown.find("6 lines, 3 malformed") != std::string::npos);
    CHECK(shown.find("line 4: skipped: wanted at most 4096 bytes") != std::string::npos);
    CHECK(shown.find(R"(the first of them: "rubbish")") != std::string::npos);
    CHECK(summary_json(summary).find(R"("malformed":3)") != std::string::npos);
    CHECK_FALSE(summary.read.all_unreadable());
}

TEST_CASE("summary: only the first twenty faults are kept", "[unit]") {
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "rubbish\n";
    }
    std::istringstream in(text);
    const auto summary = summarize_queue_log(in);
    CHECK(summary.read.malformed == 100);
    CHECK(summary.read.first_faults.size() == 20);
}

TEST_CASE("summary: a queue whose name is no UTF-8 makes valid JSON", "[unit]") {
    std::istringstream in(log_text({"0 a caf\xE9 - ENTERQUEUE ||1"}));
    CHECK(summary_json(summarize_queue_log(in)).find(R"("caf%E9":{"offered":1)") != std::string::npos);
}

TEST_CASE("summary: a file without one usable line is known as such, blank lines apart", "[unit]") {
    std::istringstream bad("1790000000118|1.0|9|NONE|ENTERQUEUE||1|1\n\nrub\"bish\x1b[31m\n");
    const auto nothing = summarize_queue_log(bad);
    CHECK(nothing.read.all_unreadable());
    CHECK(nothing.read.first_text == "1790000000118|1.0|9|NONE|ENTERQUEUE||1|1");
    std::istringstream empty("\n\n");
    CHECK_FALSE(summarize_queue_log(empty).read.all_unreadable());
}

TEST_CASE("summary: several files are one log, and a half line at the end of one is not glued to the next", "[unit]") {
    auto text = log_text({"0 CLI q A ADDMEMBER", "1 a q - ENTERQUEUE ||1"});
    text.pop_back();
    std::istringstream first(text);
    std::istringstream second(log_text({"9 a q A CONNECT 8|x|0"}));
    const auto summary = summarize_queue_log({&first, &second});
    CHECK(summary.read.malformed == 0);
    CHECK(summary.state.queues().at("q").total().answered == 1);
    CHECK(summary.state.agents("q").staffed == 1);
    CHECK(summary.state.oddities().unmatched_exits == 0);
}
