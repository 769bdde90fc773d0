use super::World;

impl World {
    /// Delivers what is due and answers the newest mail's link to a page of ours.
    ///
    /// # Panics
    /// When there is no mail to the address, or none with a link.
    pub async fn mailed_link(&self, to: &str) -> String {
        self.settle().await;
        let mails = self.mailbox.list(self.test.db.reader(), 200).await.expect("the mailbox is read");
        let mut texts = mails.iter().filter(|mail| mail.to == to).map(|mail| mail.text.expose());
        let is_link = |line: &&str| line.starts_with(super::PUBLIC_URL) && line.contains("?token=");
        texts
            .find_map(|text| text.lines().find(is_link).map(str::to_owned))
            .unwrap_or_else(|| panic!("nothing with a link was mailed to {to}"))
    }

    /// The token in that link.
    ///
    /// # Panics
    /// As [`Self::mailed_link`].
    pub async fn mailed_token(&self, to: &str) -> String {
        let link = self.mailed_link(to).await;
        link.split_once("?token=").expect("the link has a token").1.to_owned()
    }

    /// What was mailed to an address, by subject, newest first.
    ///
    /// # Panics
    /// When the mailbox cannot be read.
    pub async fn mailed_subjects(&self, to: &str) -> Vec<String> {
        self.settle().await;
        let mails = self.mailbox.list(self.test.db.reader(), 200).await.expect("the mailbox is read");
        mails.into_iter().filter(|mail| mail.to == to).map(|mail| mail.subject).collect()
    }
}
