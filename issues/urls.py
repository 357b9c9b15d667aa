"""Every address of the complaints app; who may open it stands in `civicmap.policy`."""

from django.urls import include, path

from issues import api
from issues.views import (
    case,
    crew,
    desk,
    effort,
    hotspots,
    likeness,
    page,
    public,
    report,
    track,
    triage,
)

urlpatterns = [
    # the public map
    path("", public.map_page, name="map"),
    path("embed/", public.embed, name="embed"),
    path("laporan", public.list_page, name="list"),
    path("laporan/<str:number>", page.issue_page, name="issue"),
    path("laporan/<str:number>/gambar.png", page.picture, name="issue-picture"),
    path("laporan/<str:number>/dukung", likeness.support, name="support"),
    path("foto/<uuid:photo>/<int:generation>/<str:size>.jpg", public.photo, name="photo"),
    path("tiles/<int:z>/<int:x>/<int:y>", public.tile, name="tile"),
    path("tiles/<int:z>/<int:x>/<int:y>.mvt", public.tile_mvt, name="tile-mvt"),
    path("peta/waktu", public.timeline, name="timeline"),
    path("peta/ringkas/<str:number>", public.summary, name="summary"),
    path("peta/titik-panas", hotspots.hotspots, name="hotspots"),
    path("peta/aset", assets.near, name="assets"),
    path("a", assets.search, name="asset-search"),
    path("a/<str:code>", assets.page, name="asset"),
    path("peta/laju", hotspots.rates, name="rates"),
    path("titik-panas", hotspots.hotspots_page, name="hotspots-page"),
    path("titik-panas.csv", hotspots.hotspots_csv, name="hotspots-csv"),
    path("peta/", include("geodata.urls")),
    # the API
    path("api/categories", api.Categories.as_view(), name="api-categories"),
    path("api/route", api.Responsible.as_view(), name="api-route"),
    path("api/nearby", likeness.Nearby.as_view(), name="api-nearby"),
    path("api/issues", api.Issues.as_view(), name="api-issues"),
    path("api/issues/<uuid:uuid>/photos", api.Photos.as_view(), name="api-photos"),
    path("api/effort", effort.Effort.as_view(), name="api-effort"),
    # the citizen
    path("lapor", report.report, name="report"),
    path("lapor/<uuid:uuid>", report.receipt, name="receipt"),
    path("lacak", track.track, name="track"),
    path("lacak/<str:number>", track.tracked, name="tracked"),
    path(
        "lacak/<str:number>/foto/<uuid:photo>/<str:size>.jpg",
        track.tracked_photo,
        name="tracked-photo",
    ),
    path("privasi", report.privacy, name="privacy"),
    # the desk: staff and crews
    path("kerja/", desk.desk, name="desk"),
    path("kerja/papan", desk.board, name="board"),
    path("kerja/triase", triage.triage, name="triage"),
    path("kerja/laporan/<str:number>", case.case, name="case"),
    path("kerja/laporan/<str:number>/langkah", case.step, name="step"),
    path("kerja/laporan/<str:number>/tinjau", triage.review, name="review"),
    path("kerja/laporan/<str:number>/duplikat", triage.duplicates, name="duplicates"),
    path("kerja/foto/<uuid:photo>/tutupi", triage.redact, name="redact"),
    path(
        "kerja/foto/<uuid:photo>/<int:generation>/<str:size>.jpg",
        case.staff_photo,
        name="staff-photo",
    ),
    path("kerja/lapangan", crew.crew, name="crew"),
    path("kerja/lapangan/<str:number>", crew.job, name="job"),
    path("kerja/lapangan/<str:number>/langkah", crew.job_step, name="job-step"),
]
