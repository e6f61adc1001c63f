#include "fake_ami.hpp"

#include "channels/signature.hpp"

namespace surged::test {

namespace {
constexpr const char* challenge = "840415273";

std::string value_of(const std::string& action, const std::string& key) {
    const auto at = action.find("\r\n" + key + ": ");
    if (at == std::string::npos) {
        return {};
    }
    const auto begin = at + 2 + key.size() + 2;
    return action.substr(begin, action.find('\r', begin) - begin);
}

std::string success(const std::string& id, const std::string& rest) {
    return "Response: Success\r\nActionID: " + id + "\r\n" + rest + "\r\n";
}
}  // namespace

FakeAmi::FakeAmi(Way way)
    : way_(std::move(way)),
      peer_({"\r\n\r\n", [this] { return this->way().greets ? std::string("Asterisk Call Manager/11.0.0\r\n") : std::string(); },
             [this](const std::string& command) { answer("\r\n" + command + "\r\n\r\n"); },
             [this] { return std::pair(this->way().certificate, this->way().key); }}) {}

FakeAmi::Way FakeAmi::way() const {
    const std::lock_guard lock(mutex_);
    return way_;
}

void FakeAmi::change(const Way& way) {
    const std::lock_guard lock(mutex_);
    way_ = way;
}

void FakeAmi::list(const std::string& items) {
    const std::lock_guard lock(mutex_);
    items_ = items;
}

std::string FakeAmi::received() const {
    const std::lock_guard lock(mutex_);
    return received_;
}

bool FakeAmi::event(const std::string& name, const std::vector<std::string>& fields) {
    std::string text = "Event: " + name + "\r\nPrivilege: agent,all\r\n";
    for (const auto& field : fields) {
        text += field + "\r\n";
    }
    return send(text + "\r\n");
}

void FakeAmi::answer(const std::string& action) {
    const auto name = value_of(action, "Action");
    const auto id = value_of(action, "ActionID");
    std::string items;
    {
        const std::lock_guard lock(mutex_);
        received_ += action;
        items = items_;
    }
    if (name == "Challenge") {
        send(success(id, std::string("Challenge: ") + challenge + "\r\n"));
    } else if (name == "Login") {
        answer_login(action, id);
    } else if (name == "QueueStatus") {
        for (auto at = items.find('%'); at != std::string::npos; at = items.find('%')) {
            items.replace(at, 1, id);
        }
        send(success(id, "EventList: start\r\nMessage: Queue status will follow\r\n"));
        send(items + "Event: QueueStatusComplete\r\nActionID: " + id + "\r\nEventList: Complete\r\n\r\n");
        ++lists_;
    } else if (name == "Ping" && way().answers_pings) {
        send(success(id, "Ping: Pong\r\n"));
    }
}

void FakeAmi::answer_login(const std::string& action, const std::string& id) {
    const auto how = way();
    if (value_of(action, "Key") != md5_hex(challenge + how.secret) && value_of(action, "Secret") != how.secret) {
        send("Response: Error\r\nActionID: " + id + "\r\nMessage: Authentication failed\r\n\r\n");
        return;
    }
    ++logins_;
    send(success(id, "Message: Authentication accepted\r\n"));
    if (how.boots) {
        send("Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: " + std::to_string(how.uptime) + "\r\nStatus: Fully Booted\r\n\r\n");
    }
}

}  // namespace surged::test
