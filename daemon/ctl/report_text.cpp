#include "ctl/report_text.hpp"

#include <fmt/format.h>

#include <array>

#include "core/base/text.hpp"
#include "ctl/report_plot.hpp"
#include "ctl/timeline.hpp"
#include "wire/html_text.hpp"

namespace surged {

namespace {

struct Table {
    std::vector<std::string> head;
    std::vector<std::vector<std::string>> rows;
};
struct Section {
    std::string title;
    std::vector<std::string> lines;
    Table table;
    std::string (*plot)(const AfterAction&, Language, const Zone&) = nullptr;
};

struct Word {
    std::string_view en;
    std::string_view zh;
};

/// Words of the engine that a report in Chinese says in Chinese.
constexpr std::array words = {
    Word{"yellow", "黄色"},
    Word{"orange", "橙色"},
    Word{"red", "红色"},
    Word{"paging", "呼叫中"},
    Word{"filled", "已满员"},
    Word{"exhausted", "已用尽"},
    Word{"resolving", "恢复中"},
    Word{"resolved", "已恢复"},
    Word{"closed", "已关闭"},
    Word{"asked", "已询问"},
    Word{"joined", "已加入"},
    Word{"spare", "候补"},
    Word{"arrived", "已到岗"},
    Word{"declined", "已拒绝"},
    Word{"timed_out", "未答复"},
    Word{"unreachable", "联系不上"},
    Word{"left", "已退出"},
    Word{"released", "已解除"},
    Word{"noshow", "未到岗"},
    Word{"informed", "已告知"},
    Word{"queued", "排队"},
    Word{"held", "暂缓"},
    Word{"sending", "发送中"},
    Word{"accepted", "已受理"},
    Word{"delivered", "已送达"},
    Word{"failed_temp", "暂时失败"},
    Word{"failed_perm", "失败"},
    Word{"expired", "过期"},
    Word{"cancelled", "取消"},
    Word{"unknown", "结果不明"},
    Word{"join", "加入"},
    Word{"decline", "拒绝"},
    Word{"ack", "知悉"},
    Word{"leave", "退出"},
    Word{"arrive", "到岗"},
    Word{"incident", "事件"},
    Word{"page", "呼叫"},
    Word{"seat", "席位"},
    Word{"alert", "告警"},
    Word{"answer", "答复"},
    Word{"opened", "开启"},
    Word{"level", "级别变化"},
    Word{"need", "需求变化"},
    Word{"adopted", "改用现行策略"},
    Word{"tier", "呼叫层级"},
    Word{"tier_empty", "层级无人"},
    Word{"unfilled", "又缺人"},
    Word{"resumed", "再次触发"},
    Word{"reopened", "重新开启"},
    Word{"owner", "负责人"},
    Word{"firing", "触发"},
    Word{"pending", "待定"},
    Word{"clearing", "回落中"},
    Word{"ok", "正常"},
    Word{"stale", "无数据"},
};

class Writer {
public:
    Writer(const AfterAction& report, Language language, const Zone& zone)
        : r_(report), zh_(language == Language::zh), zone_(zone) {}

    std::string title() const { return say("After-action report: incident ", "事件复盘报告：") + r_.incident; }
    std::vector<Section> sections() const { return {summary(), seats(), load(), pages(), people(), alerts(), timeline()}; }

private:
    std::string say(std::string_view en, std::string_view zh) const { return std::string(zh_ ? zh : en); }
    std::string word(std::string_view text) const {
        for (const Word& known : words) {
            if (zh_ && known.en == text) {
                return std::string(known.zh);
            }
        }
        return std::string(text);
    }
    std::string time(WallTime at) const { return civil_text(at, zone_); }
    std::string time(const std::optional<WallTime>& at) const { return at ? time(*at) : "-"; }
    std::string span(const std::optional<Span>& span) const {
        if (!span) {
            return say("never", "未发生");
        }
        return format_span(*span >= Span{10000} ? std::chrono::floor<std::chrono::seconds>(*span) : *span);
    }

    /// "by hand by duty-desk (moved), still red"; empty when it recovered by itself.
    std::string ending() const {
        if (!r_.resolved) {
            return {};
        }
        std::string out;
        if (r_.ended_why == "max_age") {
            out = say("closed by age (max_age)", "到期关闭（max_age）");
        } else if (!r_.ended_by.empty() && r_.ended_by != "engine") {
            out = say("by hand by ", "人工关闭：") + r_.ended_by + (r_.ended_why.empty() ? "" : " (" + r_.ended_why + ")");
        }
        if (r_.still != Level::none) {
            out += (out.empty() ? "" : ", ") + say("still ", "仍为") + word(to_string(r_.still));
        }
        return out;
    }

    Section summary() const {
        Section out;
        out.title = say("Summary", "概要");
        out.table.head = {say("What", "项目"), say("Value", "数值")};
        const auto add = [&](std::string name, std::string value) {
            out.table.rows.push_back({std::move(name), std::move(value)});
        };
        add(say("Policy and scope", "策略与范围"), r_.policy + " " + scope_text(r_.scope));
        add(say("Worst level", "最高级别"), word(to_string(r_.worst)));
        add(say("State", "状态"), word(r_.state));
        add(say("Opened", "开启时间"), time(r_.opened));
        const bool recovered = !r_.resolved || r_.still == Level::none;
        add(recovered ? say("Resolved", "恢复时间") : say("Closed, not recovered", "关闭时间（未恢复）"),
            r_.resolved ? time(r_.resolved) : say("not yet", "尚未恢复"));
        if (const auto how = ending(); !how.empty()) {
            add(say("How it ended", "关闭方式"), how);
        }
        add(say("First page accepted after", "首次呼叫被受理用时"), span(r_.since_opened(r_.first_accepted)));
        add(say("Time to acknowledge (first answer)", "MTTA（首次答复用时）"), span(r_.since_opened(r_.first_answer)));
        add(say("Time to quorum", "满员用时"), span(r_.since_opened(r_.quorum)));
        add(recovered ? say("Time to resolve", "MTTR（恢复用时）") : say("Time to closing", "关闭用时"), span(r_.since_opened(r_.resolved)));
        add(say("Seats wanted at most", "最多需要席位"), std::to_string(r_.need_max));
        add(say("Tiers called", "呼叫到的层级"), std::to_string(r_.tier_max));
        add(say("No-shows", "未到岗人数"), std::to_string(r_.noshows()));
        add_load(add);
        if (r_.reopened > 0) {
            add(say("Opened again", "重新开启次数"), std::to_string(r_.reopened));
        }
        if (r_.exhausted) {
            out.lines.push_back(say("Every tier was called and seats stayed empty.", "所有层级都已呼叫，仍有席位空缺。"));
        }
        if (r_.cut) {
            out.lines.push_back(say("The timeline is longer than what surged shows: this report covers its beginning only.",
                                    "时间线超出可显示的长度：本报告只包含开头部分。"));
        }
        return out;
    }
    Section seats() const {
        Section out;
        out.title = say("Seats over time", "席位变化");
        out.plot = seats_svg;
        out.table.head = {say("Time", "时间"), say("Seats taken", "已占席位"), say("Seats wanted", "需要席位")};
        for (const SeatPoint& point : r_.seats) {
            out.table.rows.push_back({time(point.at), std::to_string(point.taken), std::to_string(point.need)});
        }
        return out;
    }
    template <typename Add>
    void add_load(const Add& add) const {
        const auto count = [&](const std::optional<double>& value) {
            return value ? format_rounded(*value, 0) : say("not known", "未知");
        };
        add(say("Calls offered while it was open", "期间呼入量"), count(r_.load.offered()));
        add(say("Calls lost (abandoned)", "期间放弃量"), count(r_.load.abandoned()));
        const auto worth = r_.load.worth();
        if (worth && !worth->counted) {
            add(say("Fluid model of the helpers", "支援效果流体模型"),
                say("nothing is said: nobody counted the calls lost, so it cannot be held against them", "不作估计：放弃量没有计数，模型无从核对"));
        } else if (worth && !worth->explains()) {
            add(say("Fluid model of the helpers", "支援效果流体模型"),
                fmt::format(fmt::runtime(say("nothing is said: it explains {} of the {} calls lost, off by more than 20 % and 5 calls",
                                             "不作估计：模型只能解释放弃量{}（实际{}），偏差超过20%和5个")),
                            count(worth->lost_with), count(worth->counted)));
        } else if (worth) {
            add(say("Fluid model, fitted to this incident: explains of the calls lost", "流体模型（按本次事件校准）：解释的放弃量"),
                fmt::format(fmt::runtime(say("{} of {}", "{}（实际{}）")), count(worth->lost_with), count(worth->counted)));
            add(say("Fluid model: calls lost with and without the helpers", "流体模型：有/无支援时放弃量"),
                fmt::format("{} / {}", count(worth->lost_with), count(worth->lost_without)));
            add(say("Fluid model: most calls waiting with and without the helpers", "流体模型：有/无支援时最大排队量"),
                fmt::format("{} / {}", count(worth->longest_with), count(worth->longest_without)));
        }
    }
    Section load() const {
        Section out;
        out.title = say("Load, forecast and capacity", "话务量、预测与处理能力");
        out.plot = load_svg;
        out.table.head = {say("Time", "时间"),           say("Offered a minute", "每分钟呼入"), say("Forecast", "预测"),
                          say("Capacity", "处理能力"),   say("Agents at work", "在岗座席"),     say("Agents needed", "需要座席"),
                          say("Waiting", "排队"),        say("Abandoned", "放弃"),              say("Joined", "已加入"),
                          say("Arrived", "已到岗")};
        const auto cell = [](const std::optional<double>& value) { return value ? format_rounded(*value, 1) : std::string("-"); };
        for (const LoadPoint& point : r_.load.points()) {
            out.table.rows.push_back({time(point.at), cell(point.load_per_min), cell(point.forecast_per_min),
                                      cell(point.capacity_per_min), cell(point.productive), cell(point.required), cell(point.waiting),
                                      cell(point.abandoned), std::to_string(point.joined), std::to_string(point.arrived)});
        }
        return out;
    }
    Section pages() const {
        Section out;
        out.title = say("Pages by channel", "各通道呼叫结果");
        out.table.head = {say("Channel", "通道"), say("Outcome", "结果"), say("Pages", "数量")};
        for (const auto& [channel, outcomes] : r_.pages) {
            for (const auto& [outcome, count] : outcomes) {
                out.table.rows.push_back({channel, word(outcome), std::to_string(count)});
            }
        }
        return out;
    }
    Section people() const {
        Section out;
        out.title = say("People", "人员");
        out.table.head = {say("Person", "人员"),           say("Tier", "层级"),  say("Asked", "询问时间"),
                          say("First answer", "首次答复"), say("After", "用时"), say("Arrived", "到岗"),
                          say("In the end", "最终状态")};
        for (const PersonPart& part : r_.people) {
            const bool named = !part.name.empty() && part.name != part.person;
            const auto answer =
                part.answered ? fmt::format("{} {} ({})", time(part.answered), word(part.answer), part.way) : std::string("-");
            const auto after = part.answered && part.asked ? span(std::max(Span{0}, *part.answered - *part.asked)) : "-";
            auto state = word(part.state);
            state += part.noshow && part.state != "noshow" ? ", " + word("noshow") : "";
            state += part.successor.empty() ? "" : say(", named ", "，指定接替 ") + part.successor;
            out.table.rows.push_back({named ? part.name + " (" + part.person + ")" : part.person, std::to_string(part.tier),
                                      time(part.asked), answer, after, time(part.arrived), state});
        }
        return out;
    }
    Section alerts() const {
        Section out;
        out.title = say("Alerts", "告警");
        out.table.head = {say("Rule", "规则"),          say("Queue", "队列"), say("Worst level", "最高级别"),
                          say("Worst value", "最差值"), say("Limit", "限值"), say("When", "时间"),
                          say("Evidence", "依据")};
        for (const AlertPart& alert : r_.alerts) {
            out.table.rows.push_back({alert.rule, queue_text(alert.queue), word(to_string(alert.worst)),
                                      format_rounded(alert.value, 2), alert.limit, time(alert.at), alert.evidence});
        }
        return out;
    }
    Section timeline() const {
        Section out;
        out.title = say("Timeline", "时间线");
        out.table.head = {say("Time", "时间"), say("Event", "事件"), say("Detail", "详情")};
        for (const Record& record : r_.timeline) {
            if (is_load(record)) {
                continue;  // has a table of its own
            }
            const auto type = record_type(record);
            const auto dot = type.find('.');
            const auto shown =
                zh_ && dot != std::string::npos ? word(type.substr(0, dot)) + "：" + word(type.substr(dot + 1)) : word(type);
            const auto line = narrate(record, zone_, false);  // "HH:MM:SS  type, at least 18 wide, text"
            const auto text_at = std::size_t{10} + std::max<std::size_t>(18, type.size()) + 1;
            out.table.rows.push_back({time(record.wall), shown, line.size() > text_at ? line.substr(text_at) : ""});
        }
        return out;
    }

    const AfterAction& r_;
    bool zh_;
    const Zone& zone_;
};

/// A cell: nothing in it ends the cell, the line, or becomes a tag, a link or emphasis.
std::string escape_markdown(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\n':
            case '\r': out += ' '; break;
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '|':
            case '\\':
            case '`':
            case '*':
            case '_':
            case '[':
            case ']': out += '\\'; [[fallthrough]];
            default: out += c;
        }
    }
    return out;
}

std::string markdown_row(const std::vector<std::string>& cells) {
    std::string out = "|";
    for (const auto& cell : cells) {
        out += " " + escape_markdown(cell) + " |";
    }
    return out + "\n";
}

std::string html_row(const std::vector<std::string>& cells, std::string_view tag) {
    std::string out = "<tr>";
    for (const auto& cell : cells) {
        out += fmt::format("<{0}>{1}</{0}>", tag, escape_html(cell));
    }
    return out + "</tr>\n";
}

constexpr std::string_view page_style =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #ccc;padding:.25em .5em;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}th{background:#f2f2f2}svg{width:100%;height:auto}"
    "@media print{body{margin:0;max-width:none}}";

}  // namespace

std::string report_markdown(const AfterAction& report, Language language, const Zone& zone) {
    const Writer writer(report, language, zone);
    std::string out = "# " + escape_markdown(writer.title()) + "\n";
    for (const Section& section : writer.sections()) {
        out += "\n## " + section.title + "\n\n";
        for (const auto& line : section.lines) {
            out += line + "\n\n";
        }
        if (section.table.rows.empty()) {
            out += language == Language::zh ? "无。\n" : "None.\n";
            continue;
        }
        out += markdown_row(section.table.head) + "|";
        for (std::size_t i = 0; i < section.table.head.size(); ++i) {
            out += " --- |";
        }
        out += "\n";
        for (const auto& row : section.table.rows) {
            out += markdown_row(row);
        }
    }
    return out + "\n" + (language == Language::zh ? "时区：" : "Times are of ") + zone.name() + "\n";
}

std::string report_html(const AfterAction& report, Language language, const Zone& zone) {
    const Writer writer(report, language, zone);
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
        language == Language::zh ? "zh" : "en", escape_html(writer.title()), page_style, escape_html(writer.title()));
    for (const Section& section : writer.sections()) {
        out += "<h2>" + section.title + "</h2>\n";
        for (const auto& line : section.lines) {
            out += "<p>" + line + "</p>\n";
        }
        out += section.plot != nullptr ? section.plot(report, language, zone) : "";
        if (section.table.rows.empty()) {
            out += language == Language::zh ? "<p>无。</p>\n" : "<p>None.</p>\n";
            continue;
        }
        out += "<table>\n<thead>" + html_row(section.table.head, "th") + "</thead>\n<tbody>\n";
        for (const auto& row : section.table.rows) {
            out += html_row(row, "td");
        }
        out += "</tbody>\n</table>\n";
    }
    return out + "<p>" + (language == Language::zh ? "时区：" : "Times are of ") + escape_html(zone.name()) +
           "</p>\n</body>\n</html>\n";
}

}  // namespace surged
