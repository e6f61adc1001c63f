// A Cloud MAS gateway for tests: it takes messages over real HTTP, and returns receipts and replies of people when asked, each once,
// in the format of the real gateway.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/base/encoding.hpp"
#include "support/http_sink.hpp"
#include "wire/json_text.hpp"

namespace surged::test {

class MasSink {
public:
    struct Taken {
        std::string mobiles;
        std::string content;
        std::string group;  ///< the gateway's id of the message
    };

    MasSink() {
        sink.script([this](const SinkRequest& request) { return answer(request); });
    }

    /// Whether it reports every accepted message as delivered without being told to.
    void delivers(bool on) {
        const std::lock_guard hold(lock_);
        delivers_ = on;
    }
    /// One entry of the next answer to /sms/report.
    void report(const std::string& group, const std::string& mobile, const std::string& error = "DELIVRD") {
        const std::lock_guard hold(lock_);
        reports_.push_back(entry(group, mobile, error));
    }
    /// One entry of the next answer to /sms/deliver.
    void writes(const std::string& mobile, const std::string& text, const std::string& time = "2026-11-27 20:00:00") {
        std::string out;
        JsonWriter(out)
            .begin_object()
            .field("smsContent", text)
            .field("mobile", mobile)
            .field("sendTime", time)
            .field("addSerial", "106573")
            .end_object();
        const std::lock_guard hold(lock_);
        texts_.push_back(out);
    }
    /// The complete next answer to either request, in place of the regular one.
    void next_pull(SinkAnswer answer) {
        const std::lock_guard hold(lock_);
        odd_.push_back(std::move(answer));
    }
    std::vector<Taken> taken() const {
        const std::lock_guard hold(lock_);
        return taken_;
    }
    /// The messages to this number.
    std::vector<Taken> taken(const std::string& mobile) const {
        std::vector<Taken> out;
        for (const Taken& one : taken()) {
            if (one.mobiles == mobile) {
                out.push_back(one);
            }
        }
        return out;
    }
    std::size_t asked(const std::string& path) const {
        std::size_t out = 0;
        for (const auto& request : sink.requests()) {
            out += request.target == path ? 1U : 0U;
        }
        return out;
    }

    static std::string entry(const std::string& group, const std::string& mobile, const std::string& error) {
        std::string out;
        JsonWriter(out)
            .begin_object()
            .field("errorCode", error)
            .field("mobile", mobile)
            .field("msgGroup", group)
            .field("receiveDate", "20190826112100")
            .field("reportStatus", "CM:0000")
            .field("submitDate", "20190826112100")
            .end_object();
        return out;
    }

private:
    static std::string list(std::vector<std::string>& entries) {
        std::string out = "[";
        for (const auto& one : entries) {
            out += (out.size() > 1 ? "," : "") + one;
        }
        entries.clear();
        return out + "]";
    }

    SinkAnswer answer(const SinkRequest& request) {
        const auto text = from_base64(request.body);
        const auto json = text ? parse_json(*text) : Result<JsonValue>(fail("no base64"));
        SinkAnswer out;
        const std::lock_guard hold(lock_);
        if (!json || json->text_or("secretKey", "") != "mas-secret") {
            out.body = R"({"success":false,"rspcod":"InvalidUsrOrPwd"})";
            return out;
        }
        const bool pull = request.target == "/sms/report" || request.target == "/sms/deliver";
        if (pull && !odd_.empty()) {
            out = odd_.front();
            odd_.erase(odd_.begin());
            return out;
        }
        if (pull) {
            out.body = list(request.target == "/sms/report" ? reports_ : texts_);
            return out;
        }
        const auto group = "0826112130001" + std::to_string(1000000 + taken_.size());
        taken_.push_back({json->text_or("mobiles", ""), json->text_or("content", ""), group});
        if (delivers_) {
            reports_.push_back(entry(group, taken_.back().mobiles, "DELIVRD"));
        }
        out.body = R"({"success":true,"rspcod":"success","msgGroup":")" + group + R"("})";
        return out;
    }

    mutable std::mutex lock_;
    bool delivers_ = false;
    std::vector<Taken> taken_;
    std::vector<std::string> reports_;
    std::vector<std::string> texts_;
    std::vector<SinkAnswer> odd_;

public:
    HttpSink sink;  ///< last: its threads end before what answer() reads is gone
};

}  // namespace surged::test
