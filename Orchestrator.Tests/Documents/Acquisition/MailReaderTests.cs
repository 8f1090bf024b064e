using System.Security.Cryptography;
using System.Text;
using Orchestrator.Samples.Files;
using Orchestrator.Service.Documents.Acquisition.Mail;
using Orchestrator.Tests.Documents.Samples;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Acquisition;

[Trait("Requirement", "DOC-1")]
public class MailReaderTests
{
    [Fact]
    public void The_sample_mail_gives_its_three_documents_byte_for_byte()
    {
        var mail = Read(Sample.Bytes($"mail/{Mail.MessageId}"));
        Assert.Equal("Facture n° FA-2026-0117 – 1 annexe (urgent)", mail.Head.Subject);
        Assert.Equal("Comptabilité Vieux-Port <compta@papeterie-vieuxport.example>", mail.Head.From);
        Assert.Equal(("20260320101401.77@papeterie-vieuxport.example", "PASS"), (mail.Head.MessageId, mail.Head.VirusVerdict));
        Assert.Equal(["2", "3", "4.1"], mail.Documents.Select(document => document.PartPath));
        Assert.Equal(["FA-2026-0117.pdf", "Rechnung N° RE-260417 – März.pdf", "26-3301.xml"], mail.Documents.Select(document => document.FileName));
        Assert.Equal([Sample.Bytes("invoices/12-papeterie-FA-2026-0117.pdf"), Sample.Bytes("invoices/01-nordlicht-RE-260417.pdf"), Sample.Bytes("xml/26-3301.ubl.xml")], mail.Documents.Select(document => document.Content.ToArray()));
        Assert.Empty(mail.Skipped); // the logo stands in the text
    }

    [SharedDataFact]
    public void The_collected_mails_give_one_three_and_one_document_byte_for_byte()
    {
        var folder = Path.Combine(SharedData.Root!, "invoices");
        var originals = new[] { "pdf-text", "pdf-hybrid", "xml-ubl", "xml-cii" }
            .SelectMany(part => Directory.EnumerateFiles(Path.Combine(folder, part)))
            .Select(path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))).ToHashSet();
        foreach (var (name, documents) in new[] { ("d6iitobk75ur44p8kdnnp7g2n800aaaaaaaaaaa1", 1), ("o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1", 3), ("4ku3mqqm9f7c0b2n8jd0e1r5t6y7u8i9o0p1a2s3", 1) })
        {
            var mail = Read(File.ReadAllBytes(Path.Combine(folder, "email", name)));
            Assert.Equal(documents, mail.Documents.Count);
            Assert.All(mail.Documents, document => Assert.Contains(Convert.ToHexString(SHA256.HashData(document.Content.Span)), originals));
        }
        var second = Read(File.ReadAllBytes(Path.Combine(folder, "email", "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1")));
        Assert.Equal("Facturas – Nº 2 & 3 für März (coût: 1.212,23 €)", second.Head.Subject);
        Assert.Contains("Facture n° FA-2017-0008 – März.pdf", second.Documents.Select(document => document.FileName));
    }

    [Fact]
    public void A_document_that_is_the_whole_mail_is_found() =>
        Assert.Equal("1", Assert.Single(Read("Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + Convert.ToBase64String("%PDF-1.7 x"u8)).Documents).PartPath);

    [Fact]
    public void A_pdf_is_known_by_its_bytes_and_a_broken_one_by_its_name()
    {
        Assert.Single(Read(Attached("application/octet-stream", "scan.bin", "junk\n%PDF-1.4")).Documents);
        Assert.Single(Read(Attached("application/octet-stream", "Rechnung.PDF", "")).Documents); // empty, and still somebody's invoice
        Assert.Single(Read(Attached("text/xml", "r.xml", "<?xml version=\"1.0\"?><!-- a > b --><!DOCTYPE x [<!ENTITY e \">\">]><ubl:CreditNote xmlns:ubl=\"u\"/>")).Documents);
    }

    [Theory]
    [InlineData("image/jpeg", "photo.jpg", "x", "an image")]
    [InlineData("application/zip", "all.zip", "PK\u0003\u0004", "archive")]
    [InlineData("application/ms-tnef", "winmail.dat", "x", "winmail.dat")]
    [InlineData("application/xml", "order.xml", "<Order/>", "root 'Order'")]
    [InlineData("text/csv", "list.csv", "a;b", "neither a PDF nor an XML")]
    public void What_was_attached_and_is_no_document_is_named_with_the_reason(string type, string name, string content, string reason)
    {
        var mail = Read(Attached(type, name, content));
        Assert.Empty(mail.Documents);
        var skipped = Assert.Single(mail.Skipped);
        Assert.Equal(name, skipped.FileName);
        Assert.Contains(reason, skipped.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filename=\"a b.pdf\"", "a b.pdf")]
    [InlineData("filename=a.pdf (a comment; with a semicolon)", "a.pdf")]
    [InlineData("filename=\"q\\\"uote.pdf\"", "q\"uote.pdf")]
    [InlineData("filename*=iso-8859-1'de'M%E4rz.pdf", "März.pdf")]
    [InlineData("filename*1=z.pdf; filename*0=Maer", "Maerz.pdf")]
    [InlineData("filename*0*=utf-8''M%C3; filename*1*=%A4rz; filename*2=.pdf", "März.pdf")]
    [InlineData("filename=\"=?windows-1252?Q?M=E4rz_=80.pdf?=\"", "März €.pdf")]
    [InlineData("filename=\"../../etc/passwd.pdf\"", "passwd.pdf")]
    [InlineData("filename=\"C:\\\\temp\\\\x.pdf\"", "x.pdf")]
    public void File_names_are_read_however_they_are_written(string parameter, string name) =>
        Assert.Equal(name, Assert.Single(Read($"Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n {parameter}\r\n\r\n%PDF-").Documents).FileName);

    [Theory]
    [InlineData("=?utf-8?q?caf=C3=A9?=", "café")]
    [InlineData("a =?utf-8?B?w6k=?= =?utf-8?B?w6k=?= b", "a éé b")]
    [InlineData("=?utf-8?B?ww==?= =?utf-8?B?qQ==?=", "é")] // one letter cut in two
    [InlineData("=?iso-8859-1*fr?q?=E9t=E9?=", "été")]
    [InlineData("=?no-such-charset?q?=E9?=", "é")]
    [InlineData("=?utf-7?q?x?=", "x")]
    [InlineData("=?broken", "=?broken")]
    public void Subjects_are_decoded(string written, string subject) => Assert.Equal(subject, Read($"Subject: {written}\n\nx").Head.Subject);

    [Fact]
    public void Quoted_printable_and_binary_documents_come_out_as_they_went_in()
    {
        Assert.Equal("%PDF-é end \r\nx"u8.ToArray(), Content("quoted-printable", "%PDF-=C3=A9 en=\r\nd=20  \r\nx"));
        Assert.Equal("%PDF-\r\n\r\n--not-the-boundary"u8.ToArray(), Content("binary", "%PDF-\r\n\r\n--not-the-boundary"));
        Assert.Equal("%PDF-1"u8.ToArray(), Content("base64", "JVBE Ri0x\r\n==\r\ntrailing words"));

        static byte[] Content(string encoding, string body) => Assert.Single(Read(
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n--b--\r\n").Documents).Content.ToArray();
    }

    [Fact]
    public void A_boundary_that_begins_like_another_one_is_not_that_one()
    {
        var mail = Read("Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; boundary=x2\n\n--x2\nContent-Type: application/pdf\n\n%PDF-1\n--x2\nContent-Type: application/pdf\n\n%PDF-2\n--x2--\n--x\nContent-Type: application/pdf\n\n%PDF-3\n--x--\n");
        Assert.Equal(["1.1", "1.2", "2"], mail.Documents.Select(document => document.PartPath));
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public void Depth_parts_and_bytes_are_bounded()
    {
        var deep = string.Concat(Enumerable.Range(0, 40).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"));
        Assert.Equal("TooDeep", Refused(deep).Code);
        Assert.Equal("TooDeep", Refused(string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\n\n", 40))).Code);
        Assert.Equal("TooManyParts", Refused("Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\n\nx\n", 600))).Code);
        Assert.Equal("TooLarge", Refused(new string('x', 2000), new() { MaxBytes = 1000 }).Code);

        static MailReading.Refused Refused(string mail, MailLimits? limits = null) =>
            Assert.IsType<MailReading.Refused>(MailReader.Read(Encoding.UTF8.GetBytes(mail), limits ?? new()));
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    [Trait("Requirement", "DOC-5")]
    public void No_damage_to_a_mail_makes_the_reader_throw()
    {
        var mail = Sample.Bytes($"mail/{Mail.MessageId}")[..6000];
        var random = new Random(20260320);
        for (var length = 0; length < mail.Length; length += 7) MailReader.Read(mail.AsMemory(0, length), new());
        for (var i = 0; i < 400; i++)
        {
            var damaged = (byte[])mail.Clone();
            for (var hit = random.Next(1, 30); hit > 0; hit--) damaged[random.Next(i % 2 == 0 ? 2500 : damaged.Length)] = (byte)random.Next(256);
            MailReader.Read(damaged, new());
            var noise = new byte[random.Next(4000)];
            random.NextBytes(noise);
            MailReader.Read(noise, new());
        }
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public void A_header_made_to_be_slow_is_read_at_once()
    {
        // Quadratic work on any of these would take minutes; the suite's own time limit is the assertion's teeth.
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        MailReader.Read(Encoding.UTF8.GetBytes("Subject: " + string.Concat(Enumerable.Repeat("=?a?q?", 200_000)) + "\n\n"), new());
        Assert.Null(Read(string.Concat(Enumerable.Repeat("a:b\n", 200_000)) + "Subject: beyond the thousandth field\n\n").Head.Subject);
        Assert.InRange(Read("Subject: " + new string('x', 1_000_000) + "\n\n").Head.Subject!.Length, 60_000, 70_000);
        MailReader.Read(Encoding.UTF8.GetBytes("Subject: x\n" + string.Concat(Enumerable.Repeat(" folded\n", 200_000)) + "\n"), new());
        MailReader.Read(Encoding.UTF8.GetBytes("Content-Type: a/b" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"; n*{i}*=%41")) + "\n\n"), new());
        Assert.InRange(clock.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private static MailReading.Read Read(byte[] mail) => Assert.IsType<MailReading.Read>(MailReader.Read(mail, new()));

    private static MailReading.Read Read(string mail) => Read(Encoding.UTF8.GetBytes(mail));

    private static string Attached(string type, string name, string content) =>
        $"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: {type}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.UTF8.GetBytes(content))}\r\n--b--\r\n";
}
