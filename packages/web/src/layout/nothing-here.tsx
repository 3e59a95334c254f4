import { Link } from "@tanstack/react-router";
import { Empty } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import styles from "./plain-page.module.css";

export function NothingHere() {
  const text = useText().common;
  return (
    <div className={styles.page}>
      <Empty title={text.notFound} action={<Link to="/">{text.toStart}</Link>}>
        {text.notFoundTeach}
      </Empty>
    </div>
  );
}
