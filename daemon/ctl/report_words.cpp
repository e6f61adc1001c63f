#include "ctl/report_words.hpp"

#include <array>

namespace surged {
namespace {

constexpr std::array engine_words = {
    Words{"yellow", "黄色"},
    Words{"orange", "橙色"},
    Words{"red", "红色"},
    Words{"paging", "呼叫中"},
    Words{"filled", "已满员"},
    Words{"exhausted", "已用尽"},
    Words{"resolving", "恢复中"},
    Words{"resolved", "已恢复"},
    Words{"closed", "已关闭"},
    Words{"asked", "已询问"},
    Words{"joined", "已加入"},
    Words{"spare", "候补"},
    Words{"arrived", "已到岗"},
    Words{"declined", "已拒绝"},
    Words{"timed_out", "未答复"},
    Words{"unreachable", "联系不上"},
    Words{"left", "已退出"},
    Words{"released", "已解除"},
    Words{"noshow", "未到岗"},
    Words{"informed", "已告知"},
    Words{"queued", "排队"},
    Words{"held", "暂缓"},
    Words{"sending", "发送中"},
    Words{"accepted", "已受理"},
    Words{"delivered", "已送达"},
    Words{"failed_temp", "暂时失败"},
    Words{"failed_perm", "失败"},
    Words{"expired", "过期"},
    Words{"cancelled", "取消"},
    Words{"unknown", "结果不明"},
    Words{"join", "加入"},
    Words{"decline", "拒绝"},
    Words{"ack", "知悉"},
    Words{"leave", "退出"},
    Words{"arrive", "到岗"},
    Words{"incident", "事件"},
    Words{"page", "呼叫"},
    Words{"seat", "席位"},
    Words{"alert", "告警"},
    Words{"answer", "答复"},
    Words{"opened", "开启"},
    Words{"level", "级别变化"},
    Words{"need", "需求变化"},
    Words{"adopted", "改用现行策略"},
    Words{"tier", "呼叫层级"},
    Words{"tier_empty", "层级无人"},
    Words{"unfilled", "又缺人"},
    Words{"resumed", "再次触发"},
    Words{"reopened", "重新开启"},
    Words{"owner", "负责人"},
    Words{"firing", "触发"},
    Words{"pending", "待定"},
    Words{"clearing", "回落中"},
    Words{"ok", "正常"},
    Words{"stale", "无数据"},
};

}  // namespace

std::string engine_word(std::string_view text, Language language) {
    for (const Words& known : engine_words) {
        if (known.en == text) {
            return said(known, language);
        }
    }
    return std::string(text);
}

}  // namespace surged
