"""Other words that authors write for keys and choices, in English and Chinese, and what they mean here."""

from __future__ import annotations

from collections.abc import Iterable

_CHOICES: tuple[dict[str, str], ...] = (
    {
        "joy": "happy happiness joyful glad cheerful smile excited 高兴 开心 快乐 喜悦 喜",
        "sadness": "sad unhappy sorrow upset crying 悲伤 难过 伤心 哀",
        "anger": "angry mad furious annoyed rage 生气 愤怒 怒",
        "fear": "afraid scared worried anxious anxiety nervous 害怕 恐惧 担心 焦虑 惧",
        "surprise": "surprised astonished shocked amazed 惊讶 吃惊 惊",
        "disgust": "disgusted 厌恶 反感 恶",
        "neutral": "calm default normal none 中性 平静 默认 正常",
    },
    {
        "ask": "yes true required require needed explicit opt-in opt_in 询问 需要 是",
        "implied": "no false none off implicit assumed opt-out opt_out 默认 默示 不需要 否",
    },
    {
        "casual": "informal friendly relaxed low 随意 轻松 口语 亲切",
        "neutral": "normal medium default 中性 普通 一般",
        "formal": "polite polit official business high 正式 礼貌 书面",
    },
    {
        "never": "no none off false 0 不用 从不 无 否",
        "sparing": "sometimes some few rarely seldom little low 偶尔 少量 少",
        "often": "always yes true many lots high 经常 总是 多",
    },
    {
        "refuse": "block stop deny reject forbid decline ban 拒绝 禁止 阻止",
        "warn": "warning log flag notice remind 警告 提醒 提示",
        "redact": "mask hide remove censor delete anonymize 脱敏 屏蔽 隐藏 打码",
        "hand_off": "handoff handover hand-over hand_over human agent transfer 转人工 人工",
        "escalate": "alert notify report emergency 上报 升级 报警",
        "rewrite": "rephrase replace reword paraphrase substitute 改写 替换",
        "disclaim": "disclaimer caveat append footnote 声明 免责",
        "end": "close terminate finish quit 结束 关闭",
    },
    {
        "input": "in user message question request incoming 输入 用户",
        "output": "out bot reply answer response outgoing 输出 回复",
        "tool": "plugin skill result function 工具 插件",
    },
    {"always": "yes true on 总是 始终 是", "when_asked": "asked no never false off on_request 被问时 否 从不"},
    {
        "auto": "default yes true automatic 自动 默认", "coqui": "tts xtts vits", "piper": "piper-tts",
        "espeak": "espeak-ng espeakng", "none": "no off false mute silent 无 关闭",
    },
    {
        "openai": "ollama vllm lmstudio lm-studio llama.cpp deepseek qwen dashscope moonshot kimi zhipu "
        "azure gpt chatgpt groq together openrouter openai-compatible",
        "transformers": "huggingface hugging_face hf local transformer",
    },
    {
        "entity": "enum list choice category option select 实体 选项",
        "text": "string str free any word 文本 文字 字符串",
        "number": "int integer float numeric 数字 数值", "money": "amount currency price sum 金额 价格",
        "duration": "length timespan period nights 时长 天数", "date": "datetime day 日期", "time": "hour clock 时间",
        "email": "mail e-mail 邮箱 邮件", "phone": "tel telephone mobile phone_number 电话 手机",
    },
    {
        "email": "mail e-mail emails email_address 邮箱 邮件 电子邮件",
        "phone": "tel telephone mobile cell phone_number phonenumber 电话 手机 手机号",
        "id_card": "id identity idcard national_id identity_card 身份证 身份证号",
        "bank_card": "card credit_card creditcard debit_card card_number 银行卡 信用卡",
        "iban": "iban_code", "ip": "ip_address ipv4 ipv6 IP地址", "ssn": "social_security us_ssn 社会安全号",
        "passport": "passport_number 护照 护照号",
        "driver_license": "driving_license drivers_license licence 驾照 驾驶证",
        "tax_id": "tax vat vat_number 税号", "plate": "license_plate number_plate 车牌 车牌号",
        "bank_account": "account_number 账号 银行账号", "wallet": "crypto bitcoin 钱包", "mac": "mac_address",
        "url": "website link domain 网址", "account": "wechat qq username 微信 微信号",
        "address": "street street_address home_address 地址 住址", "zip_code": "zip postcode postal_code 邮编",
        "birth_date": "birthday dob date_of_birth 生日 出生日期", "age": "years 年龄", "title": "salutation 称谓",
        "date": "dates day 日期", "person": "name names people full_name 人名 姓名 名字",
        "place": "city country location 地点 城市", "organization": "organisation company employer 公司 单位",
        "nationality": "citizenship religion 国籍",
    },
)  # fmt: skip
_KEYS = {
    "personac": "version persona 版本",
    "name": "title id bot_name 名字 名称 姓名 名",
    "summary": "description about bio 简介 描述 介绍 摘要",
    "languages": "lang locale 语言 语种",
    "tone": "style personality character 语气 风格 性格",
    "traits": "adjectives 特点 性格特点",
    "instructions": "prompt system system_prompt systemprompt 提示词 指令 说明",
    "greeting": "welcome hello first_message opening 问候 问候语 欢迎语 开场白",
    "fallback": "default unknown no_answer 兜底 默认回复",
    "voice": "speech tts 声音 语音",
    "face": "avatar picture image 头像 形象 脸",
    "knowledge": "docs documents sources kb faq 知识 知识库 资料",
    "path": "file source filename document src 路径 文件",
    "intents": "intent topics 意图",
    "examples": "utterances phrases samples training_phrases sentences questions patterns 例句 示例 例子 样例",
    "responses": "response answers answer replies reply utter text say 回答 回复 答案 应答",
    "skill": "action handler function 技能",
    "slots": "entities parameters params variables 槽位 参数",
    "required": "mandatory needed 必填 必需",
    "ask": "prompt question 提问 追问",
    "values": "options choices enum 取值 选项",
    "ethics": "safety guardrails policy 伦理 安全",
    "rules": "rule policies 规则",
    "when": "if condition trigger match 条件 当",
    "do": "action then 动作 执行",
    "say": "message text reply response answer 话术 说",
    "on": "side where stage",
    "id": "name rule 编号",
    "words": "keyword keywords phrases terms blocklist 关键词 词语",
    "pattern": "regex regexp re 正则",
    "channel": "platform connector 渠道",
    "pii": "personal_data 隐私",
    "privacy": "data gdpr 隐私",
    "redact": "mask hide 脱敏",
    "retention": "keep ttl store 保留",
    "model": "llm language_model 模型 大模型",
    "base_url": "url endpoint host api_base baseurl 地址",
    "api_key": "key token apikey 密钥",
    "provider": "type vendor",
    "plugins": "extensions addons 插件",
    "connectors": "channels platforms 渠道 连接器",
    "image": "picture photo img 图片",
    "audio": "sound voice recording 录音 音频",
    "video": "film movie clip 视频 录像",
    "engine": "provider type 引擎",
    "speed": "rate 语速",
}
_COLUMNS = {
    "question": "questions q query prompt ask 问题 问 提问 标准问",
    "answer": "answers a reply response 答案 回答 答 回复",
    "text": "texts example examples utterance utterances sentence phrase 例句 文本 示例 句子",
    "language": "lang locale 语言",
    "intent": "label 意图",
    "image": "picture photo 图片",
}


def choice_meant(given: str, options: Iterable[str]) -> str | None:
    """Return the choice that a word stands for, or None."""
    options, word = list(options), given.strip().casefold()
    for group in _CHOICES:
        if set(group) <= set(options):
            found = next((choice for choice, words in group.items() if word in words.casefold().split()), None)
            if found is not None:
                return found
    return None


def key_meant(given: str, keys: Iterable[str]) -> str | None:
    """Return the one of some keys that a word stands for, or None."""
    word = given.strip().casefold().replace("-", "_")
    return next((key for key in keys if word in _KEYS.get(key, "").split()), None)


def column_meant(given: str, columns: Iterable[str]) -> str | None:
    """Return the one of some columns that a word stands for, or None."""
    return next((column for column in columns if given.strip().casefold() in _COLUMNS.get(column, "").split()), None)
