"""What can go wrong with an issue; an error's docstring is what the person reads."""


class IssueError(Exception):
    """Something is wrong with an issue."""


class StaleIssue(IssueError):
    """Laporan ini baru saja diubah orang lain. Periksa keadaan terbaru, lalu ulangi."""

    def __init__(self, current_version: int) -> None:
        super().__init__(current_version)
        self.current_version = current_version


class StepNotAllowed(IssueError):
    """Langkah ini tidak dapat dilakukan pada status sekarang."""


class NotPermitted(IssueError):
    """Anda tidak berwenang melakukan langkah ini."""


class OwnRights(IssueError):
    """Tidak seorang pun mengubah haknya sendiri. Minta administrator lain."""


class RightsRefused(IssueError):
    """Perubahan hak ini tidak dapat dilakukan."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class MissingDuty(IssueError):
    """Langkah ini menuntut sesuatu yang belum diberikan."""

    def __init__(self, duty: str) -> None:
        super().__init__(duty)
        self.duty = duty


class AlreadyClosed(IssueError):
    """Laporan ini sudah ditutup. Bila masalahnya masih ada, silakan buat laporan baru."""


class TooManySupports(IssueError):
    """Dari jaringan ini sedang banyak sekali yang menyatakan hal yang sama. Coba lagi nanti."""


class TooMuchEvidence(IssueError):
    """Dari perangkat atau jaringan ini hari ini sudah banyak sekali foto. Coba lagi besok."""


class TooManyDevices(IssueError):
    """Dari jaringan ini sedang banyak sekali perangkat yang meminta kabar. Coba lagi nanti."""


class DifferentSubmission(IssueError):
    """Kunci kiriman ini sudah dipakai untuk isi yang berbeda."""


class TakenAlready(IssueError):
    """Kiriman ini sudah menjadi laporan."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class UnknownIssue(IssueError):
    """Laporan tidak ditemukan."""


class UnknownCategory(IssueError):
    """Kategori tidak dikenal."""


class UnknownCity(IssueError):
    """Kota ini tidak dilayani."""


class AccountRequired(IssueError):
    """Kota ini menerima laporan dari warga yang sudah masuk. Masuk dulu; isian Anda tetap ada."""


class PhotoRefused(IssueError):
    """Foto tidak dapat diterima."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyPhotos(IssueError):
    """Paling banyak lima foto untuk satu laporan."""


class StorageFull(IssueError):
    """Foto belum tersimpan: ruang penyimpanan penuh. Laporan tanpa foto tetap dapat dikirim."""


class StaleDraft(IssueError):
    """Usulan ini sudah berubah keadaan. Muat ulang halamannya, lalu putuskan lagi."""
