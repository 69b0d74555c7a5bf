"""What each choice of the language means, in a few words, for editors and for the reference."""

from __future__ import annotations

CHOICES: dict[str, dict[str, str]] = {
    "formality": {
        "casual": "Everyday words, as among friends.",
        "neutral": "Polite and plain.",
        "formal": "Careful and official.",
    },
    "emoji": {"never": "None at all.", "sparing": "One now and then.", "often": "In most replies."},
    "engine": {
        "auto": "The best engine that is installed.",
        "coqui": "Coqui TTS; can imitate a voice.",
        "piper": "Piper: quick, and natural in English.",
        "espeak": "eSpeak NG: a hundred languages, robotic.",
        "none": "The persona stays silent.",
    },
    "type": {
        "entity": "One of `values`.",
        "text": "Anything.",
        "number": "A number.",
        "money": "An amount of money.",
        "date": "A day.",
        "time": "A time of day.",
        "duration": "How long something takes.",
        "email": "An e-mail address.",
        "phone": "A phone number.",
    },
    "tune": {
        "none": "The encoders stay as they are.",
        "lora": "Adapters of low rank learn beside the top layers; needs the package peft.",
        "full": "The top layers learn.",
    },
    "disclosure": {
        "always": "At the start of a conversation, and whenever it is asked.",
        "when_asked": "Only when it is asked.",
    },
    "on": {"input": "What the user says.", "output": "What the persona is about to say."},
    "do": {
        "refuse": "Say `say`, and nothing else.",
        "warn": "Say `say`, then answer.",
        "redact": "Hide what was found, then answer.",
        "hand_off": "Say `say`; the reply is marked for a person to take over.",
        "escalate": "Say `say`; the reply is marked as urgent for those who run the bot.",
    },
    "emotion": {
        "neutral": "Calm; nothing stands out.",
        "joy": "Glad, grateful, amused.",
        "sadness": "Sad, lonely, disappointed.",
        "anger": "Angry, annoyed.",
        "fear": "Afraid, worried.",
        "surprise": "Surprised.",
        "disgust": "Disgusted.",
    },
    "consent": {
        "ask": "Nothing is kept before the user agrees.",
        "implied": "Conversations are kept without asking.",
    },
    "provider": {
        "openai": "Any server that speaks OpenAI's protocol, on this machine too (Ollama, vLLM, llama.cpp).",
        "transformers": "A model of Hugging Face, run by personac itself.",
    },
    "pii": {
        "email": "E-mail addresses.",
        "phone": "Phone numbers.",
        "id_card": "National identity numbers: China, Hong Kong, Taiwan, Europe, Brazil.",
        "bank_card": "Numbers of bank cards.",
        "iban": "International bank account numbers.",
        "ip": "Addresses of computers.",
        "ssn": "US social security and taxpayer numbers.",
        "passport": "Numbers of passports and travel permits.",
        "driver_license": "Numbers of driver licences.",
        "tax_id": "VAT and tax numbers.",
        "plate": "Number plates of cars.",
        "bank_account": "Other bank account and routing numbers.",
        "wallet": "Addresses of crypto wallets.",
        "mac": "Hardware addresses.",
        "url": "Addresses of web pages.",
        "account": "Names of accounts: WeChat, QQ.",
        "address": "Street and postal addresses.",
        "zip_code": "Postcodes.",
        "birth_date": "Dates of birth.",
        "age": "Ages.",
        "title": "Titles before names: Mr., Dr.",
        "date": "All dates, those of birth too.",
    },
}
"""By the key that takes the choices."""
