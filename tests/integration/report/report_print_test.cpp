// The after-action report on paper: A4, nothing cut, nothing beside the page, in both languages.
#include "print_kit.hpp"
#include "report/period.hpp"
#include "report/report.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

constexpr WallTime opened = WallTime{std::chrono::milliseconds{1772413200000}};  // 2026-03-02 01:00 UTC

/// Records in their order, each with its wall clock.
class Evening {
public:
    template <typename Body>
    void add(std::int64_t second, Body body) {
        records_.push_back({records_.size() + 1, engine_time(second * 1000), opened + std::chrono::seconds{second}, std::move(body)});
    }
    void step(std::int64_t second, IncidentStep step, Level level, int joined, int tier) {
        IncidentChange change;
        change.incident = "0-7";
        change.policy = "surge";
        change.scope = {{"centre", "济南"}, {"group", "普席"}};
        change.step = step;
        change.level = level;
        change.need = 6;
        change.joined = joined;
        change.tier = tier;
        change.by = "engine";
        add(second, change);
    }
    void alert(std::int64_t second, AlertState to, Level level, double value) {
        AlertEdge edge;
        edge.rule = "oldest-wait";
        edge.metric = "oldest_wait_s";
        edge.queue = {"济南", "general", "voice"};
        edge.to = to;
        edge.level = level;
        edge.value = value;
        edge.limit = "> 40";
        edge.evidence = "63 calls in 2m, usual 31.5";
        add(second, edge);
    }
    const std::vector<Record>& records() const { return records_; }

private:
    std::vector<Record> records_;
};

/// Two hours of a surge: twenty people, long and hostile names, a page a person, a load a minute.
AfterAction a_long_evening(int minutes) {
    Evening e;
    e.alert(0, AlertState::firing, Level::yellow, 45);
    e.step(0, IncidentStep::opened, Level::yellow, 0, 1);
    std::map<std::string, std::string> names;
    for (int i = 0; i < 20; ++i) {
        const auto person = "lead-" + std::to_string(i);
        names[person] = i == 3 ? "<script>alert(document.cookie)</script>" : i == 4 ? std::string(120, 'W') : "王小明" + std::to_string(i);
        e.add(2 + i, SeatChange{"0-7", person, 1 + i / 10, SeatState::asked, "", {}});
        PageChange page;
        page.page = "0-7/1/" + person + "/sms/first/1";
        page.incident = "0-7";
        page.channel = i % 2 == 0 ? "sms" : "dingtalk";
        page.people = {person};
        page.state = i == 5 ? PageState::failed_perm : PageState::accepted;
        page.attempt = 1;
        e.add(3 + i, page);
    }
    e.alert(60, AlertState::firing, Level::red, 172);
    for (int i = 0; i < 6; ++i) {
        e.add(90 + 40 * i, SeatChange{"0-7", "lead-" + std::to_string(i), 1, SeatState::joined, "", {}});
        e.add(200 + 40 * i, SeatChange{"0-7", "lead-" + std::to_string(i), 1, SeatState::arrived, "", {}});
    }
    e.step(290, IncidentStep::filled, Level::red, 6, 1);
    PageChange act;
    act.page = "0-7/1/announce/menu/do/1";
    act.incident = "0-7";
    act.purpose = PagePurpose::act;
    act.action = "announce";
    act.channel = "menu";
    act.state = PageState::accepted;
    act.attempt = 1;
    e.add(61, act);
    for (int m = 0; m <= minutes; ++m) {
        IncidentChange load;
        load.incident = "0-7";
        load.step = IncidentStep::load;
        load.load = {{"offered", 20.0 * m}, {"answered", 19.0 * m}, {"abandoned", 1.0 * m}, {"productive", 20}, {"required", 24}, {"capacity_per_min", 20},
                     {"forecast_per_min", 11}, {"aht_s", 60}, {"patience_s", 120}, {"calls_waiting", 8}};
        e.add(60 * m + 5, load);
    }
    e.alert(60 * minutes, AlertState::clearing, Level::red, 20);
    e.step(60 * minutes + 180, IncidentStep::resolved, Level::red, 6, 1);
    e.step(60 * minutes + 181, IncidentStep::closed, Level::none, 0, 1);
    e.add(60 * minutes + 900, VerdictGiven{"0-7", IncidentVerdict::useful, "lead-01", "last row"});
    auto report = after_action("0-7", "closed", e.records(), names);
    REQUIRE(report);
    report->rules["oldest-wait"] = {"最长等待", "longest wait", {LimitUnit::plain, MetricUnit::seconds}};
    return *report;
}

void put_history(AfterAction& report) {
    const std::size_t steps = 40;
    report.curve = LoadCurve(opened - LoadCurve::before, std::chrono::minutes{5}, steps);
    QueueSeries series;
    for (std::size_t i = 0; i < steps; ++i) {
        const bool surge = i >= 11 && i < 30;
        series.offered.push_back(surge ? 100 + static_cast<double>(i % 5) * 6 : 55 + static_cast<double>(i % 3) * 4);
        series.forecast.push_back(55);
        series.staffed.push_back(i < 14 ? 14 : 20);
        series.handled.push_back(60);
        series.handling_s.push_back(60 * 60);
    }
    report.curve.add({"济南", "general"}, series);
    report.curve.finish();
}

/// A4 is 210 mm x 297 mm; its margins are 12 mm at the sides. (The box of a Chinese letter is higher than the letter.)
void check_pages(const std::vector<PrintedPage>& pages) {
    constexpr double point_mm = 25.4 / 72;
    for (const auto& page : pages) {
        CHECK(page.width * point_mm == Approx(210).margin(1));
        CHECK(page.height * point_mm == Approx(297).margin(1));
        CHECK_FALSE(page.words.empty());
        for (const auto& word : page.words) {
            INFO(word.text);
            CHECK(word.left * point_mm > 11);
            CHECK(word.right * point_mm < 199);
            CHECK(word.top * point_mm > 8);
            CHECK(word.bottom * point_mm < 284);
        }
    }
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// No row or drawing goes over a page: the words of a row stand on one page.
std::size_t page_of(const std::vector<PrintedPage>& pages, const std::string& word) {
    for (std::size_t i = 0; i < pages.size(); ++i) {
        for (const auto& printed_word : pages[i].words) {
            if (printed_word.text == word) {
                return i;
            }
        }
    }
    return pages.size();
}

}  // namespace

TEST_CASE("report print: it is A4 with nothing cut and nothing beside the page, from the first sentence to the last row, in both languages", "[integration]") {
    if (!printer_installed()) {
        return;
    }
    auto report = a_long_evening(110);
    put_history(report);
    for (const auto& [language, name] : {std::pair(Language::en, "report-en"), std::pair(Language::zh, "report-zh")}) {
        CAPTURE(name);
        const auto pages = printed(report_html(report, language, Zone{}), name);
        CHECK(pages.size() >= 5);
        CHECK(pages.size() <= 12);
        check_pages(pages);
        const auto text = text_of(pages);
        CHECK(has(text, language == Language::en ? "After-actionreport:incident0-7" : "事件复盘报告：0-7"));
        CHECK(has(text, "<script>alert(document.cookie)</script>"));
        CHECK(has(text, std::string(40, 'W')));
        CHECK(has(text, "lead-19"));
        CHECK(has(text, language == Language::en ? "0-7isjudgedusefulbylead-01(lastrow)" : "有用，lead-01（lastrow）"));
        // A drawing is whole: its first and its last word stand on one page. So is a row of several lines.
        CHECK(page_of(pages, language == Language::en ? "capacity" : "处理能力") == page_of(pages, "03:00"));
        CHECK(page_of(pages, "(lead-4)") < pages.size());
        // Heads of a table that goes over a page stand on each.
        const auto head = language == Language::en ? std::string("Detail") : std::string("详情");
        std::size_t heads = 0;
        for (const auto& page : pages) {
            heads += has(text_of({page}), head) ? 1U : 0U;
        }
        CHECK(heads >= 2);
    }
}

TEST_CASE("report print: without a history it says so, and an incident of minutes takes few pages", "[integration]") {
    if (!printer_installed()) {
        return;
    }
    const auto report = a_long_evening(4);
    const auto pages = printed(report_html(report, Language::en, Zone{}), "report-short");
    check_pages(pages);
    CHECK(pages.size() <= 7);
    CHECK(has(text_of(pages), "Nohistoryiskept"));
}

TEST_CASE("report print: a month is A4, every day of it on paper, in both languages", "[integration]") {
    if (!printer_installed()) {
        return;
    }
    constexpr Span day{24 * 3600 * 1000};
    PeriodFold fold(opened - day, opened + 30 * day, Zone{});
    for (int i = 0; i < 12; ++i) {
        auto report = a_long_evening(i * 3);
        report.incident = "0-" + std::to_string(i);
        fold.incident(report);
    }
    AlertEdge wolf;
    wolf.rule = "offered-surge-of-a-very-long-name-that-somebody-once-gave-it";
    wolf.to = AlertState::firing;
    fold.alert(wolf);
    const std::vector<double> offered(48 * 31, 120), answered(48 * 31, 111), abandoned(48 * 31, 9), forecast(48 * 31, 100);
    fold.history({opened - day, offered, answered, abandoned, forecast});
    fold.history_kept(true);
    const auto month = fold.take();
    for (const auto& [language, name] : {std::pair(Language::en, "month-en"), std::pair(Language::zh, "month-zh")}) {
        CAPTURE(name);
        const auto pages = printed(period_html(month, language, Zone{}), name);
        check_pages(pages);
        CHECK(pages.size() <= 5);
        const auto text = text_of(pages);
        CHECK(has(text, "2026-03-31"));
        CHECK(has(text, "92.5%"));
        CHECK(has(text, "16.7%"));
        CHECK(has(text, "lead-19"));
        CHECK(has(text, language == Language::en ? "TimesareofUTC" : "时区：UTC"));
    }
}
