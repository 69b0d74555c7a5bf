"""Chinese names behind words that announce one: 我叫…, 收件人：…

Knows surnames and what follows a name; knows no other kind of personal data.
"""

from __future__ import annotations

import re

from .detector import Detector

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐费廉岑薛雷贺倪"
    "汤滕殷罗毕郝邬常于傅卞齐康伍余卜顾孟黄穆萧肖尹姚邵汪祁毛狄臧戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季贾娄江童颜郭梅盛林刁钟徐邱丘骆"
    "夏蔡田樊胡凌霍虞柯管卢莫房宗丁宣邓郁洪左石崔龚程嵇邢裴陆翁荀惠甄封芮储靳段巫焦侯宓蓬郗仲宫仇栾甘厉武符刘景詹龙叶黎白蒲赖卓蔺屠"
    "蒙池乔翟谭姬申冉桑桂牛燕尚温庄晏柴瞿阎慕连茹艾鱼容古易廖庾耿匡寇欧聂晁辛阚简饶曾沙关荆游竺涂佟岳丛哈商牟佘伯墨帅缑亢况"
)
_DOUBLE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|夏侯|南宫|端木|百里"
_GIVEN = r"[\u4e00-\u9fff](?<![了的吗呢吧啊在是不去来要会能可想和])"
_WHO = (
    r"(?:我|小孩|孩子|儿子|女儿|名|全名)叫|(?:姓名|名字|全名|户名|署名)(?:是|叫|为|改成|改为|填|写)?"
    r"|(?:联系|收件|收货|入住|乘车|乘机|开户|报名|申请|预订|预约|持卡|担保|投保|被保险|经办|代收)人(?:是|为|叫)?"
    r"|(?:汇款|转账|打款|寄)给|转告|快递员说|主治医生是"
)
_BEHIND = (
    r"(?=$|[\s，。,.！!？?；;、:：()（）\d]"
    r"|的|已|本人|先生|女士|小姐|老师|可以|今天|明天|昨天|今年|想|吗|在|收|和|说|我|请|电话|地址|手机)"
)

ANNOUNCED: tuple[Detector, ...] = (
    Detector(
        "person",
        re.compile(rf"(?:{_WHO})[\s：:]{{0,2}}(?P<value>(?:{_DOUBLE}|[{_SURNAMES}])(?:{_GIVEN}){{1,2}}){_BEHIND}"),
        cue=re.compile("[叫名人给说告是]"),
    ),
    Detector(
        "person",
        re.compile(
            rf"(?:联系|找|问|给|是|跟|和|^)(?P<value>(?:{_DOUBLE}|[{_SURNAMES}])(?:{_GIVEN}){{1,2}})(?=先生|女士|小姐)"
        ),
        cue=re.compile("先生|女士|小姐"),
    ),
)
