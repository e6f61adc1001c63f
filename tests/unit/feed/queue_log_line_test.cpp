#include "feed/queue_log_line.hpp"

#include <random>

#include "core/base/text.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("queue_log line: the parts of a line of each generation", "[unit]") {
    const auto old = parse_queue_log_line("1266833912|1266833905.2|9000|Local/2004@from-internal/n|CONNECT|1|1266833911.7");
    REQUIRE(old);
    CHECK(old->ts_ms == 1266833912000);
    CHECK(old->callid == "1266833905.2");
    CHECK(old->queue == "9000");
    CHECK(old->agent == "Local/2004@from-internal/n");
    CHECK(old->event == QueueEvent::connect);
    CHECK(old->param_count == 2);
    CHECK(old->seconds_ms(0) == 1000);
    CHECK_FALSE(old->seconds_ms(1));
    CHECK_FALSE(old->seconds_ms(2));

    const auto trailing = parse_queue_log_line("1596191926|NONE|NONE|NONE|QUEUESTART|");
    REQUIRE(trailing);
    CHECK(trailing->event == QueueEvent::start);
    CHECK(parse_queue_log_line("1596191926|NONE|NONE|NONE|QUEUESTART")->event == QueueEvent::start);
    CHECK(parse_queue_log_line("1596191926.25|c|q|a|DID|123")->ts_ms == 1596191926250);
    CHECK(parse_queue_log_line("1596191926|c|q|a|DID|123")->event == QueueEvent::unknown);
    CHECK(parse_queue_log_line("1596191926|c|q|a|AGENTCALLBACKLOGOFF|1")->event == QueueEvent::logoff);
    CHECK(parse_queue_log_line("1596191926|c|q|a|WITHDRAW|1")->event == QueueEvent::withdraw);
}

TEST_CASE("queue_log line: parameters past the eighth are cut, not read", "[unit]") {
    const auto line = parse_queue_log_line("1596191926|c|q|a|ENTERQUEUE|1|2|3|4|5|6|7|8|9|10");

    REQUIRE(line);
    CHECK(line->param_count == 8);
    CHECK(line->params[7] == "8");
}

TEST_CASE("queue_log line: every fault has its name", "[unit]") {
    const auto fault = [](std::string_view line) {
        const auto parsed = parse_queue_log_line(line);
        return parsed ? std::string("none") : std::string(to_string(parsed.error()));
    };
    CHECK(fault("") == "blank");
    CHECK(fault(std::string_view("\0\0\0", 3)) == "blank");
    CHECK(fault(std::string_view("1596191926|c\0|q|a|ABANDON", 25)) == "nul");
    CHECK(fault("garbage") == "fields");
    CHECK(fault("1596191926|c|q|a") == "fields");
    CHECK(fault("1596191926|c|q|a|") == "fields");
    CHECK(fault("1596191926|c||a|ABANDON") == "fields");
    CHECK(fault("|c|q|a|ABANDON") == "time");
    CHECK(fault("abc|c|q|a|ABANDON") == "time");
    CHECK(fault("-1596191926|c|q|a|ABANDON") == "time");
    CHECK(fault("1596191926x|c|q|a|ABANDON") == "time");
    CHECK(fault("1596191926.|c|q|a|ABANDON") == "time");
    CHECK(fault("99999999999999999999|c|q|a|ABANDON") == "time");
    CHECK(fault("631151999|c|q|a|ABANDON") == "time");
    CHECK(fault("631152000|c|q|a|ABANDON") == "none");
    CHECK(fault("4102444799|c|q|a|ABANDON") == "none");
    CHECK(fault("4102444800|c|q|a|ABANDON") == "time");
}

TEST_CASE("queue_log line: NUL bytes left by a power cut before a line are skipped", "[unit]") {
    const auto line = parse_queue_log_line(std::string("\0\0\0", 3) + "1596191926|c|q|a|ABANDON|1|1|5");

    REQUIRE(line);
    CHECK(line->event == QueueEvent::abandon);
}

TEST_CASE("queue_log line: a wait is a whole number of seconds up to a year", "[unit]") {
    const auto wait = [](std::string_view text) {
        return parse_queue_log_line("1596191926|c|q|a|ABANDON|" + std::string(text))->seconds_ms(0);
    };
    CHECK(wait("0") == 0);
    CHECK(wait("31536000") == 31536000000);
    CHECK_FALSE(wait("31536001"));
    CHECK_FALSE(wait("-1"));
    CHECK_FALSE(wait("1.5"));
    CHECK_FALSE(wait(""));
    CHECK_FALSE(wait("9e9"));
}

TEST_CASE("queue_log line: random bytes never break the parser", "[unit]") {
    std::mt19937_64 random(7);
    std::string base = "1596191926|1596191926.1|support|SIP/1|CONNECT|3|1596191926.2|1";
    for (int i = 0; i < 20000; ++i) {
        std::string line = base;
        for (int k = 0; k < 4; ++k) {
            line[random() % line.size()] = static_cast<char>(random());
        }
        line.resize(random() % (line.size() + 1));
        const auto parsed = parse_queue_log_line(line);
        if (parsed) {
            const auto name = wire_name(parsed->queue);
            REQUIRE(utf8_valid(name));
            REQUIRE(name.size() <= 64);
            REQUIRE(!name.empty());
        }
    }
}

TEST_CASE("queue names: what is not UTF-8 or is a control byte is written as %XX", "[unit]") {
    CHECK(wire_name("support") == "support");
    CHECK(wire_name("客服") == "客服");
    CHECK(wire_name("caf\xE9") == "caf%E9");
    CHECK(wire_name("a\tb\x7F") == "a%09b%7F");
    CHECK(wire_name("\xE5\xAE") == "%E5%AE");
}

TEST_CASE("queue names: 64 bytes pass, longer ones are cut and stay different", "[unit]") {
    const std::string fits(64, 'a');
    const std::string one = fits + "b";
    const std::string two = fits + "c";

    CHECK(wire_name(fits) == fits);
    CHECK(wire_name(one).size() == 64);
    CHECK(wire_name(one) != wire_name(two));
    std::string wide;
    for (int i = 0; i < 40; ++i) {
        wide += "客";
    }
    CHECK(utf8_valid(wire_name(wide)));
    CHECK(wire_name(wide).size() <= 64);
}

TEST_CASE("line: blanks round the bars are no part of the fields", "[unit]") {
    const auto line = parse_queue_log_line("1790000000 | 1790000000.1 | VIP Kunden | NONE | ENTERQUEUE || anonymous ");
    REQUIRE(line);
    CHECK(line->ts_ms == 1790000000000);
    CHECK(line->queue == "VIP Kunden");
    CHECK(line->event == QueueEvent::enter);
    CHECK(line->params[1] == "anonymous");
}

TEST_CASE("line: the words of dialplans are known by name and beginning", "[unit]") {
    const auto event = [](const std::string& word) { return parse_queue_log_line("1790000000|c|q|NONE|" + word + "|")->event; };
    for (const char* word : {"FULL", "CLOSED", "JOINEMPTY", "JOINUNAVAIL", "EXITFULL", "DIVERT_CA_RATIO", "DIVERT_HOLDTIME"}) {
        CAPTURE(word);
        CHECK(event(word) == QueueEvent::turned_away);
    }
    for (const char* word : {"EXITCODE", "EXITHANGUP", "LEAVEEMPTY", "LEAVEUNAVAIL"}) {
        CAPTURE(word);
        CHECK(event(word) == QueueEvent::left);
    }
    CHECK(event("DIVERT") == QueueEvent::unknown);
    CHECK(event("FULLY") == QueueEvent::unknown);
}

TEST_CASE("line: what is printed of a line is fit for a terminal and cut", "[unit]") {
    CHECK(printable("a\x1b[31m\"b\"|\xE9|客") == "a%1B[31m%22b%22|%E9|客");
    CHECK(printable(std::string(120, 'x')) == std::string(120, 'x'));
    CHECK(printable(std::string(121, 'x')) == std::string(120, 'x') + "...");
}
