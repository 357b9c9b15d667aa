"""Letters as they come: words, pictures, replies, machines, and bytes that are no letter."""

from email.message import EmailMessage

import pytest

from issues import mailroom
from tests.issues import office


def letter(**headers):
    message = EmailMessage()
    message["From"] = headers.pop("sender", "Putu Ayu <Ayu@Contoh.example>")
    message["Subject"] = headers.pop("subject", "Lampu mati")
    message["Message-ID"] = headers.pop("name", "<1@contoh.example>")
    text = headers.pop("text", "Lampu di depan pasar mati.")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def read(message):
    return mailroom.read(message.as_bytes())


def test_a_letter_says_who_and_what():
    found = read(letter())

    assert (found.sender, found.sender_name) == ("ayu@contoh.example", "Putu Ayu")
    assert (found.subject, found.text) == ("Lampu mati", "Lampu di depan pasar mati.")
    assert not found.is_automatic


@pytest.mark.parametrize(
    "quoted",
    [
        "Sudah mati lagi.\n\nPada Senin, 1 Des 2026 10.00 Kota Denpasar menulis:\n> Selesai.",
        "Sudah mati lagi.\n> Selesai.\n> Terima kasih.",
        "Sudah mati lagi.\n-- \nPutu Ayu\nTelepon 0812",
        "Sudah mati lagi.\n-----Original Message-----\nSelesai.",
    ],
)
def test_what_was_quoted_is_not_the_writers(quoted):
    assert read(letter(text=quoted)).text == "Sudah mati lagi."


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"List_Id": "<warga.contoh.example>"},
        {"sender": "MAILER-DAEMON@contoh.example"},
    ],
)
def test_a_machines_answer_is_told_from_a_persons(headers):
    assert read(letter(**headers)).is_automatic


def test_pictures_come_along_and_other_files_do_not():
    message = letter()
    message.add_attachment(office.picture(), maintype="image", subtype="jpeg", filename="a.jpg")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="b.pdf")

    assert read(message).pictures == (office.picture(),)


def test_a_letter_of_tags_gives_its_words():
    message = letter()
    message.clear_content()
    message.set_content(
        "<style>p{}</style><p>Got mampet</p><p>di Jalan&nbsp;Gatsu</p>", subtype="html"
    )

    assert read(message).text.split() == ["Got", "mampet", "di", "Jalan", "Gatsu"]


def test_it_names_the_letters_that_it_answers():
    found = read(letter(In_Reply_To="<DPS-26-000001.2.tell_reporter@kota.example>"))

    assert found.replies_to == ("<dps-26-000001.2.tell_reporter@kota.example>",)


@pytest.mark.parametrize("raw", [b"", b"   ", b"x" * (mailroom.MOST_BYTES + 1)])
def test_what_is_no_letter_is_refused(raw):
    with pytest.raises(mailroom.Unreadable):
        mailroom.read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: \xff\xfe\nSubject: =?utf-8?q?=ff?=\n\nisi",
        b"From: a@b.example\nContent-Type: text/plain; charset=klingon\n\nisi",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nisi",
        b"Subject: " + b"a" * 100_000 + b"\nFrom: x\n\nisi",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * 5000,
    ],
)
def test_broken_letters_are_read_as_far_as_they_go(raw):
    assert mailroom.read(raw).message_id
