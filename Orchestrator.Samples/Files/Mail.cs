using System.Text;

namespace Orchestrator.Samples.Files;

/// <summary>
/// A mail as SES leaves it in the bucket: a PDF, a PDF that calls itself octet-stream under a folded RFC 2231 name, a
/// logo in the text, and a forwarded mail that holds an XML invoice.
/// </summary>
internal static class Mail
{
    public const string MessageId = "q8v2h0k6sample22invoicesinboundmail00000001";

    // One grey point, the smallest PNG that is one.
    private const string Logo = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

    public static SampleFile Write(SampleFile french, SampleFile german, SampleFile xml)
    {
        string[] lines =
        [
            "Return-Path: <compta@papeterie-vieuxport.example>",
            "Received: from mail.example.net (mail.example.net [198.51.100.53])",
            $" by inbound-smtp.eu-central-1.amazonaws.com with SMTP id {MessageId}",
            " for invoices@ap.acme-maschinenbau.example;",
            " Fri, 20 Mar 2026 09:14:02 +0000",
            "X-SES-Spam-Verdict: PASS",
            "X-SES-Virus-Verdict: PASS",
            "From: =?utf-8?q?Comptabilit=C3=A9?= Vieux-Port <compta@papeterie-vieuxport.example>",
            "To: Invoices <invoices@ap.acme-maschinenbau.example>",
            "Subject: =?utf-8?b?RmFjdHVyZSBuwrAgRkEtMjAyNi0wMTE3IOKA?=",
            " =?utf-8?b?kyAxIGFubmV4ZQ==?= (urgent)",
            "Date: Fri, 20 Mar 2026 10:14:01 +0100",
            "Message-ID: <20260320101401.77@papeterie-vieuxport.example>",
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed;",
            "\tboundary=\"=_outer_7e1\"",
            "",
            "This is a message in MIME format.",
            "--=_outer_7e1",
            "Content-Type: multipart/related; boundary=\"=_related_7e1\"",
            "",
            "--=_related_7e1",
            "Content-Type: text/html; charset=iso-8859-1",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "<p>Bonjour, voici nos factures de mars 2026. Le d=E9tail est en pi=E8ce joi=",
            "nte.<img src=3D\"cid:logo\"></p>",
            "--=_related_7e1",
            "Content-Type: image/png; name=\"logo.png\"",
            "Content-Transfer-Encoding: base64",
            "Content-ID: <logo>",
            "Content-Disposition: inline; filename=\"logo.png\"",
            "",
            Logo,
            "--=_related_7e1--",
            "--=_outer_7e1",
            "Content-Type: application/pdf; name=\"FA-2026-0117.pdf\"",
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename=\"FA-2026-0117.pdf\"",
            "",
            .. Base64(french.Content),
            "--=_outer_7e1",
            "Content-Type: application/octet-stream",
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment;",
            " filename*0*=utf-8''Rechnung%20N%C2%B0%20RE-260417%20%E2%80%93%20;",
            " filename*1*=M%C3%A4rz;",
            " filename*2=\".pdf\"",
            "",
            .. Base64(german.Content),
            "--=_outer_7e1",
            "Content-Type: message/rfc822",
            "Content-Disposition: attachment",
            "",
            "From: Metallbau Kessler <rechnung@kessler-metall.example>",
            "Subject: Ihre E-Rechnung 26-3301",
            "MIME-Version: 1.0",
            "Content-Type: application/xml; name=\"26-3301.xml\"",
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename=\"26-3301.xml\"",
            "",
            .. Base64(xml.Content),
            "--=_outer_7e1--",
            "",
        ];
        return new($"mail/{MessageId}", Encoding.ASCII.GetBytes(string.Join("\r\n", lines)));
    }

    private static IEnumerable<string> Base64(byte[] content) => Convert.ToBase64String(content).Chunk(76).Select(line => new string(line));
}
